namespace AiDc.Protocol.Tests.Model;

/// <summary>Visits each world that can be reached, once.</summary>
internal sealed class Explorer
{
    private readonly HashSet<UInt128> seen = [];
    private readonly List<(int Parent, string Name)> trace = [];

    public int Visited => trace.Count;

    /// <summary>Worlds that the exploration came through, of which each is to be looked at more closely.</summary>
    public List<(World World, int Id)> Samples { get; } = [];

    public static IEnumerable<Step> Steps(World world) =>
        world.Restarted || world.Violation is not null ? []
            : Enumerable.Range(0, world.Leaders.Length).SelectMany(l => LeaderMoves.Of(world, l))
                .Concat(world.Workers.SelectMany(w => WorkerMoves.Of(world, w)));

    /// <summary>Breadth first, so that what is found has the shortest story.</summary>
    /// <param name="most">Worlds to visit at most, of those that were not visited from another start.</param>
    /// <param name="sampleEvery">One of so many is kept.</param>
    /// <returns>The first world in which something is wrong, or null.</returns>
    public World? Explore(World start, int most, int sampleEvery = int.MaxValue)
    {
        if (Enter(start, -1, $"start\n{start}") is not { } first)
            return null;
        var queue = new Queue<(World World, int Id)>([(start, first)]);
        var end = Visited + most;
        while (queue.TryDequeue(out var from))
            foreach (var step in Steps(from.World))
            {
                var after = step.Apply();
                if (Enter(after, from.Id, step.Name) is not { } id)
                    continue;
                if (after.Violation is not null)
                    return after;
                if (id % sampleEvery == 0)
                    Samples.Add((after, id));
                if (Visited >= end)
                    return null;
                queue.Enqueue((after, id));
            }
        return null;
    }

    public string Story(int? id = null)
    {
        var names = new List<string>();
        for (var i = id ?? trace.Count - 1; i >= 0; i = trace[i].Parent)
            names.Add(trace[i].Name);
        names.Reverse();
        return string.Join(Environment.NewLine, names);
    }

    private int? Enter(World world, int parent, string name)
    {
        if (!seen.Add(world.Key()))
            return null;
        trace.Add((parent, name));
        return trace.Count - 1;
    }
}
