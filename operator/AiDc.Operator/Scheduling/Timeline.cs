namespace AiDc.Operator.Scheduling;

/// <summary>When what is held is given back and what is reserved is taken, in the order of time; at one moment what is given back comes first.</summary>
internal sealed class Timeline
{
    private readonly List<Change> changes = [];

    public int Count => changes.Count;

    public Change this[int index] => changes[index];

    /// <summary>Many at once.</summary>
    public void Load(IEnumerable<Hold> running)
    {
        changes.AddRange(running.Where(h => double.IsFinite(h.End)).Select(h => new Change(h.End, h, false)));
        changes.Sort(Compare);
    }

    public void Add(Hold hold)
    {
        if (hold.Start > 0) Insert(new(hold.Start, hold, true));
        if (double.IsFinite(hold.End)) Insert(new(hold.End, hold, false));
    }

    private void Insert(Change change)
    {
        var at = changes.BinarySearch(change, Comparer<Change>.Create(Compare));
        changes.Insert(at < 0 ? ~at : at, change);
    }

    private static int Compare(Change left, Change right)
    {
        var order = left.At.CompareTo(right.At);
        if (order == 0) order = left.IsTake.CompareTo(right.IsTake);
        return order != 0 ? order : left.Hold.Job.CompareTo(right.Hold.Job);
    }

    /// <param name="At">Seconds from now.</param>
    internal readonly record struct Change(double At, Hold Hold, bool IsTake);
}

/// <summary>How many pods of a shape fit in each domain of a topology; follows as nodes change.</summary>
internal sealed class Room
{
    private readonly Topology topology;
    private readonly int pods;
    private readonly long[] room;
    private int enough;

    /// <param name="fitting">Of each node; kept and changed.</param>
    public Room(Topology topology, int[] fitting, int pods)
    {
        (this.topology, Fitting, this.pods) = (topology, fitting, pods);
        room = PackingPolicy.Room(topology, fitting);
        enough = room.Count(r => r >= pods);
    }

    public int[] Fitting { get; }

    /// <summary>Some domain has room for the whole gang.</summary>
    public bool IsEnough => enough > 0;

    /// <summary>Of the domain that has most.</summary>
    public long Most => room.Length == 0 ? 0 : room.Max();

    public string MostWhere => room.Length == 0 ? "" : topology.Names[Array.IndexOf(room, room.Max())];

    public long Sum => room.Sum();

    public void Set(int node, int fits)
    {
        var more = fits - Fitting[node];
        Fitting[node] = fits;
        if (more == 0 || topology.DomainOf[node] is not (>= 0 and var d)) return;
        if (room[d] >= pods) enough--;
        room[d] += more;
        if (room[d] >= pods) enough++;
    }
}
