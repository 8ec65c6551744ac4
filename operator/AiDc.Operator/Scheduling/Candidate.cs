namespace AiDc.Operator.Scheduling;

/// <summary>A job with what a cycle reckons of it. Times are seconds, those of moments from now.</summary>
internal sealed class Candidate
{
    /// <summary>An overrun of a second is no news.</summary>
    private const double LeastRemaining = 60;

    /// <summary>What times lose on their way through statuses and sums is no second more.</summary>
    private const double Rounding = 0.001;

    public Candidate(SchedulingJob job, int index, SchedulingQueue? queue, SchedulingSettings settings, DateTimeOffset now)
    {
        (Job, Index, Queue) = (job, index, queue);
        Priority = Math.Min(job.Priority, queue?.HighestPriority ?? int.MaxValue);
        Waited = (now - job.Submitted).TotalSeconds;
        Remaining = RemainingOf(job, queue, now);
        var scarce = Math.Max(1, (double)job.PerPod[0]) * Math.Max(1, job.Replicas);
        RemainingService = Remaining * scarce;
        AttainedService = job.Attained.TotalSeconds * scarce;
        Level = LevelOf(AttainedService, settings);
        var limit = settings.AgingLimit.TotalSeconds;
        Age = Waited + Math.Clamp(Priority * settings.PriorityPoint.TotalSeconds, -limit, limit);
        IsOverdue = Waited >= limit && (queue?.Ordering ?? QueueOrdering.Fair) == QueueOrdering.Fair;
    }

    public SchedulingJob Job { get; }

    /// <summary>Among all jobs, by name.</summary>
    public int Index { get; }

    /// <summary>Null where there is no such queue.</summary>
    public SchedulingQueue? Queue { get; }

    public int QueueIndex { get; init; }

    public int Priority { get; }

    public double Waited { get; }

    /// <summary>Waiting and priority in one: who is older comes first, and each point of priority makes older.</summary>
    public double Age { get; }

    public bool IsOverdue { get; }

    /// <summary>With all its replicas; infinite where nothing is known.</summary>
    public double Remaining { get; }

    public double RemainingService { get; }

    public double AttainedService { get; }

    public int Level { get; }

    /// <summary>How long it holds what it gets with so many pods: whole seconds.</summary>
    public double DurationWith(int pods) => Math.Max(1, Math.Ceiling(RestWith(pods) - Rounding));

    /// <summary>When it ends that runs with so many pods: whole seconds, of <see cref="Cycle.Origin"/>.</summary>
    /// <param name="passed">Seconds since then.</param>
    public double EndWith(int pods, double passed) => Math.Max(1, Math.Ceiling(passed + RestWith(pods) - Rounding));

    private double RestWith(int pods) => Remaining * Math.Max(1, Job.Replicas) / Math.Max(1, pods);

    /// <summary>
    /// Who runs for longer than was expected is taken to be half-way: of what has lasted long nobody knows better, and an estimate that grows with the
    /// overrun moves few reservations.
    /// </summary>
    private static double RemainingOf(SchedulingJob job, SchedulingQueue? queue, DateTimeOffset now)
    {
        var attained = job.Attained.TotalSeconds;
        if (job.Admission?.ExpectedEnd is { } end)
            return end > now ? (end - now).TotalSeconds : Math.Max(LeastRemaining, attained);
        if ((job.ExpectedDuration ?? queue?.DefaultRun) is not { } expected) return double.PositiveInfinity;
        var rest = expected.TotalSeconds - attained;
        return rest > 0 ? rest : Math.Max(LeastRemaining, attained);
    }

    private static int LevelOf(double service, SchedulingSettings settings)
    {
        if (service < settings.FirstLevel) return 0;
        return 1 + (int)Math.Floor(Math.Log(service / settings.FirstLevel) / Math.Log(Math.Max(1.01, settings.LevelRatio)));
    }
}
