using AiDc.Benchmarks.Scheduling.Simulation;

namespace AiDc.Benchmarks.Scheduling.Rivals;

/// <summary>How a plain scheduler goes through those that wait.</summary>
internal enum ListOrder
{
    /// <summary>In the order of submission; nobody overtakes.</summary>
    Fifo,

    /// <summary>In the order of submission; who does not delay the first of those that wait may overtake (EASY: Lifka, 1995).</summary>
    FifoWithBackfill,

    /// <summary>The shortest that fits, by its true duration; nobody is ended for another.</summary>
    ShortestThatFits,
}

/// <summary>Schedulers of the textbook on GPUs of which any is as good as another, without preemption and without any of the operator's code.</summary>
internal static class ListScheduler
{
    /// <returns>Seconds from submission to end, of each job in the order of submission.</returns>
    /// <exception cref="ArgumentException">A job is larger than the cluster.</exception>
    public static IReadOnlyList<double> Run(IReadOnlyList<SimulatedJob> jobs, double units, ListOrder order)
    {
        if (jobs.FirstOrDefault(j => j.Units > units) is { } large) throw new ArgumentException($"{large.Name} needs {large.Units} of {units} units", nameof(jobs));
        SimulatedJob[] all = [.. jobs.OrderBy(j => j.Submitted).ThenBy(j => j.Name, StringComparer.Ordinal)];
        var ends = new double[all.Length];
        List<int> waiting = [], running = [];
        var free = units;
        for (var next = 0; next < all.Length || running.Count > 0;)
        {
            var now = Math.Min(next < all.Length ? all[next].Submitted : double.PositiveInfinity, running.Count > 0 ? running.Min(i => ends[i]) : double.PositiveInfinity);
            foreach (var i in running.Where(i => ends[i] <= now)) free += all[i].Units;
            running.RemoveAll(i => ends[i] <= now);
            for (; next < all.Length && all[next].Submitted <= now; next++) waiting.Add(next);
            var turns = order == ListOrder.ShortestThatFits ? [.. waiting.OrderBy(i => all[i].Duration).ThenBy(i => i)] : waiting.ToList();
            (double Until, double Units)? gap = null;
            foreach (var i in turns)
            {
                var fits = all[i].Units <= free;
                if (fits && gap is { } open)
                {
                    var isShort = now + all[i].Duration <= open.Until;
                    fits = isShort || all[i].Units <= open.Units;
                    if (fits && !isShort) gap = (open.Until, open.Units - all[i].Units);
                }
                if (fits)
                {
                    free -= all[i].Units;
                    ends[i] = now + all[i].Duration;
                    running.Add(i);
                    waiting.Remove(i);
                }
                else if (order == ListOrder.Fifo)
                {
                    break;
                }
                else if (order == ListOrder.FifoWithBackfill)
                {
                    gap ??= Gap(all[i].Units, free, [.. running.OrderBy(r => ends[r]).Select(r => (ends[r], all[r].Units))]);
                }
            }
        }
        return [.. all.Select((job, i) => ends[i] - job.Submitted)];
    }

    /// <summary>When the first of those that wait can start, and what will be left beside it then.</summary>
    private static (double Until, double Units) Gap(double wanted, double free, IReadOnlyList<(double At, double Units)> running)
    {
        foreach (var (at, given) in running)
        {
            free += given;
            if (free >= wanted) return (at, free - wanted);
        }
        throw new InvalidOperationException("it is not larger than the cluster, so it fits when all have ended");
    }
}
