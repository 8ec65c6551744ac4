namespace AiDc.Operator.Scheduling;

/// <summary>
/// Whose turn it is. First those that were promised a start, in the order of the promises; then those that have waited for longer than the limit, by age;
/// then the queue with the smallest dominant share, and in it the next by the queue's own ordering.
/// </summary>
internal static class OrderPolicy
{
    /// <summary>Within a queue.</summary>
    public static int Compare(Candidate left, Candidate right)
    {
        var order = left.Queue?.Ordering switch
        {
            QueueOrdering.ShortestFirst => left.RemainingService.CompareTo(right.RemainingService),
            QueueOrdering.LeastAttained => left.Level.CompareTo(right.Level),
            _ => right.Age.CompareTo(left.Age),
        };
        return order != 0 ? order : ByAge(left, right);
    }

    /// <summary>The next in turn; each that is taken counts as if it had been given what it asks for.</summary>
    /// <param name="used">What each queue uses now, as a share of the cluster.</param>
    /// <param name="shareOf">What a job adds to its queue's dominant share.</param>
    public static IEnumerable<Candidate> Sequence(IReadOnlyList<Candidate> waiting, double[] used, Func<Candidate, double> shareOf)
    {
        var shares = (double[])used.Clone();
        var promised = waiting.Where(c => c.Job.Reservation is not null).OrderBy(c => c.Job.Reservation!.Since).ThenBy(c => c.Job.Reservation!.Turn).ThenBy(c => c.Index);
        var overdue = waiting.Where(c => c.Job.Reservation is null && c.IsOverdue).ToList();
        overdue.Sort(ByAge);
        foreach (var next in promised.Concat(overdue))
        {
            shares[next.QueueIndex] += shareOf(next);
            yield return next;
        }
        var heads = new PriorityQueue<Queue<Candidate>, (double Share, int Queue)>();
        foreach (var queue in waiting.Where(c => c.Job.Reservation is null && !c.IsOverdue).GroupBy(c => c.QueueIndex))
        {
            var inOrder = queue.ToList();
            inOrder.Sort(Compare);
            heads.Enqueue(new(inOrder), (shares[queue.Key], queue.Key));
        }
        while (heads.TryDequeue(out var queue, out _))
        {
            var next = queue.Dequeue();
            shares[next.QueueIndex] += shareOf(next);
            if (queue.Count > 0) heads.Enqueue(queue, (shares[next.QueueIndex], next.QueueIndex));
            yield return next;
        }
    }

    /// <summary>Whether one may take the place of another of its queue that runs. Strict, and apart by a margin, so that they cannot take turns.</summary>
    public static bool MayReplace(Candidate waiting, Candidate running, SchedulingSettings settings) => waiting.Queue!.Preemption.WithinQueue switch
    {
        WithinQueue.Never => false,
        WithinQueue.LaterInOrder when waiting.Queue.Ordering == QueueOrdering.ShortestFirst =>
            waiting.RemainingService <= settings.ShorterBy * running.RemainingService,
        WithinQueue.LaterInOrder when waiting.Queue.Ordering == QueueOrdering.LeastAttained => waiting.Level < running.Level,
        _ => running.Priority < waiting.Priority,
    };

    private static int ByAge(Candidate left, Candidate right)
    {
        var order = right.Waited.CompareTo(left.Waited);
        return order != 0 ? order : left.Index.CompareTo(right.Index);
    }
}
