using System.Globalization;

namespace AiDc.Operator.Scheduling;

/// <summary>What a waiting job is told: why it waits, and what ends it.</summary>
internal static class Explanation
{
    /// <summary>Which of the reasons holds, looked at before anybody is asked to end.</summary>
    public static Blocked Why(Cycle cycle, Candidate c)
    {
        var pods = c.Job.Least;
        var flavors = c.Queue!.Flavors;
        var open = flavors.Where(f => cycle.Ledger.Fits(cycle.Ledger.IndexOf(c.Queue.Name, f.Name), c.Job.PerPod, pods)).ToList();
        if (open.Count == 0) return new(WaitReason.QuotaInUse, QuotaInUse(cycle, c));
        var rooms = open.Select(f => new Room(cycle.TopologyOf(c), (int[])cycle.ShapeOf(c, f).Now.Clone(), pods)).ToList();
        var most = rooms.MaxBy(r => r.Most)!;
        if (most.IsEnough) return new(WaitReason.WouldDelayReserved, $"needs {Needs(cycle, c)}, which are free, but would run beyond a start that is reserved for another");
        var label = c.Job.Constraints.RequiredTopology;
        var (in1, has) = label is null
            ? ("", Invariant($"there is room for {most.Most}"))
            : ($" in one {Short(label)}", Invariant($"{Short(label)} {most.MostWhere} has room for {most.Most}"));
        var reason = (label is not null && rooms.Any(r => r.Sum >= pods)) || HasEnoughInPieces(cycle, c, open) ? WaitReason.Fragmented : WaitReason.NodesInUse;
        return new(reason, $"needs {Needs(cycle, c)}{in1}; {has}");
    }

    public static WaitingJob Of(Cycle cycle, Candidate c, Blocked blocked, FoundStart? start, bool isReserved, int turn)
    {
        if (start is null)
            return new(c.Job.Name, 0, blocked.Reason, $"{blocked.Text}; when it starts cannot be told yet");
        var at = Rounded(cycle.Origin, start.At);
        var ends = blocked.Reason == WaitReason.WaitingForPreempted || start.After < 0 ? "" : $"{cycle.Jobs[start.After].Job.Name} frees what it needs; ";
        return new(c.Job.Name, 0, blocked.Reason, $"{blocked.Text}; {ends}starts at about {Clock(cycle.Now, at)} ({(isReserved ? "reserved" : "forecast")})")
        {
            Start = new(cycle.Origin.AddSeconds(start.At), isReserved, turn, start.Flavor, [.. start.Nodes.Select(n => cycle.Board.Nodes[n].Name)]),
        };
    }

    public static string WhyPreempted(Candidate waiting, Candidate victim) => victim.Queue == waiting.Queue
        ? $"{waiting.Job.Name} comes before it in queue {waiting.Queue!.Name} and needs what it holds"
        : $"queue {waiting.Queue!.Name} takes back for {waiting.Job.Name} what queue {victim.Job.Queue} borrowed";

    public static string WaitsFor(IEnumerable<string> victims) => $"waits for the end of {string.Join(", ", victims.Take(5))}, which were asked to end for it";

    public static string Needs(Cycle cycle, Candidate c)
    {
        var resource = Enumerable.Range(0, cycle.Board.Resources).FirstOrDefault(r => c.Job.PerPod[r] > 0);
        var each = Invariant($"{c.Job.PerPod[resource]} {cycle.Snapshot.Resources[resource]}");
        return c.Job.Least == 1 ? each : Invariant($"{c.Job.Least} pods of {each}");
    }

    /// <summary>The label without its prefix.</summary>
    public static string Short(string label) => label[(label.LastIndexOf('/') + 1)..];

    private static string QuotaInUse(Cycle cycle, Candidate c)
    {
        var account = cycle.Ledger.IndexOf(c.Queue!.Name, c.Queue.Flavors[0].Name);
        var resource = Enumerable.Range(0, cycle.Board.Resources).FirstOrDefault(r => c.Job.PerPod[r] > 0);
        return Invariant($"needs {Needs(cycle, c)}; queue {c.Queue.Name} uses {cycle.Ledger.Used(account, resource)} of at most {cycle.Ledger.Most(account, resource)}, and its cohort has no more to lend now");
    }

    private static bool HasEnoughInPieces(Cycle cycle, Candidate c, List<QueueFlavor> flavors)
    {
        var need = (Int128)c.Job.PerPod[0] * c.Job.Least;
        return need > 0 && flavors.Any(f =>
        {
            var shape = cycle.ShapeOf(c, f);
            Int128 free = 0;
            for (var n = 0; n < shape.Eligible.Length; n++)
                if (shape.Eligible[n]) free += Math.Max(0, cycle.Board.FreeOf(n)[0]);
            return free >= need;
        });
    }

    /// <summary>No finer than it is known: a message that changes with every cycle is a write with every cycle.</summary>
    private static DateTimeOffset Rounded(DateTimeOffset now, double seconds)
    {
        var at = now.AddSeconds(Math.Min(seconds, TimeSpan.FromDays(3650).TotalSeconds));
        var step = (seconds < 3600 ? TimeSpan.FromMinutes(1) : seconds < 86400 ? TimeSpan.FromMinutes(10) : TimeSpan.FromHours(1)).Ticks;
        return new((at.Ticks + step - 1) / step * step, at.Offset);
    }

    private static string Clock(DateTimeOffset now, DateTimeOffset at) =>
        at.ToString(at - now < TimeSpan.FromHours(20) ? "HH:mm" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>Why a job does not start now, and what it needs, in words.</summary>
internal sealed record Blocked(WaitReason Reason, string Text);
