using AiDc.Operator.Scheduling;

namespace AiDc.Benchmarks.Scheduling.Simulation;

/// <summary>What the simulated cluster is like.</summary>
internal sealed record SimulatedCluster
{
    public required IReadOnlyList<string> Resources { get; init; }

    public required IReadOnlyList<SchedulingNode> Nodes { get; init; }

    public required IReadOnlyList<SchedulingQueue> Queues { get; init; }

    /// <summary>Whoever is asked to end is gone at once here: what it costs is <see cref="PreemptionCost"/>.</summary>
    public SchedulingSettings Settings { get; init; } = new() { Grace = TimeSpan.Zero };

    /// <summary>Seconds that a job needs when it starts again after it was preempted, in which it holds its nodes and gets nowhere.</summary>
    public double PreemptionCost { get; init; }

    /// <summary>Seconds after which the scheduler looks again where nothing has happened; 0: never.</summary>
    public double Tick { get; init; }
}

/// <summary>
/// The operator's planner with a virtual clock: jobs come as a trace says, run for as long as it says, and are told to the planner as the operator would
/// tell it. Gangs run as soon as they are admitted.
/// </summary>
internal sealed class ClusterSimulator(SimulatedCluster cluster)
{
    private const int MostRounds = 1000;
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SortedDictionary<string, Live> present = new(StringComparer.Ordinal);
    private readonly List<JobOutcome> done = [];
    private readonly List<(double, double)> use = [];
    private readonly Dictionary<string, double> served = new(StringComparer.Ordinal);
    private double now;
    private int cycles;

    /// <summary>Called with each snapshot and what was decided on it.</summary>
    public Action<SchedulingSnapshot, SchedulingPlan, DateTimeOffset>? Decided { get; set; }

    /// <summary>What stands between the cluster and the planner; it may change the order of lists, as a new leader would see it.</summary>
    public Func<SchedulingSnapshot, SchedulingSnapshot> Seen { get; set; } = s => s;

    public SimulationResult Run(IReadOnlyList<SimulatedJob> jobs)
    {
        var arrivals = new Queue<SimulatedJob>(jobs.OrderBy(j => j.Submitted));
        var hopeless = new List<string>();
        while (arrivals.Count > 0 || present.Count > 0)
        {
            var next = Math.Min(arrivals.TryPeek(out var first) ? first.Submitted : double.PositiveInfinity, Ends());
            if (double.IsInfinity(next))
            {
                hopeless.AddRange(present.Keys);
                break;
            }
            if (cluster.Tick > 0) next = Math.Min(next, now + cluster.Tick);
            Advance(Math.Max(now, next));
            Finish();
            while (arrivals.TryPeek(out var job) && job.Submitted <= now) present.Add(job.Name, new(arrivals.Dequeue()));
            Schedule(hopeless);
        }
        return new([.. done.OrderBy(j => j.Job.Submitted).ThenBy(j => j.Job.Name, StringComparer.Ordinal)], use, hopeless, cycles, served);
    }

    private double Ends() => present.Values.Where(l => l.Admission is not null).Select(l => now + l.Left).DefaultIfEmpty(double.PositiveInfinity).Min();

    private void Advance(double to)
    {
        var passed = to - now;
        foreach (var live in present.Values.Where(l => l.Admission is not null))
        {
            served[live.Job.Queue] = served.GetValueOrDefault(live.Job.Queue) + (passed * live.Admission!.Nodes.Count * live.Job.PerPod[0]);
            live.Run(passed);
        }
        now = to;
    }

    private void Finish()
    {
        foreach (var live in present.Values.Where(l => l.Admission is not null && l.Left < 1e-6).ToList())
        {
            present.Remove(live.Job.Name);
            done.Add(new(live.Job, live.Started!.Value, now, live.Preemptions, live.Promised, live.WasReserved));
        }
    }

    private void Schedule(List<string> hopeless)
    {
        for (var round = 0; ; round++)
        {
            if (round == MostRounds) throw new InvalidOperationException($"at {now:0} s the planner decides again and again and comes to no end");
            var snapshot = Seen(Snapshot());
            var plan = SchedulingPlanner.Plan(snapshot, Time(now));
            cycles++;
            Decided?.Invoke(snapshot, plan, Time(now));
            foreach (var decision in plan.Decisions) Apply(decision);
            Note(plan, hopeless);
            if (!plan.Decisions.Any(d => d is PreemptGang or ShrinkGang)) break;
        }
        var held = present.Values.Sum(l => (l.Admission?.Nodes.Count ?? 0) * (double)l.Job.PerPod[0]);
        if (use.Count == 0 || use[^1].Item2 != held) use.Add((now, held));
    }

    private void Apply(SchedulingDecision decision)
    {
        var live = present[decision.Job];
        switch (decision)
        {
            case AdmitGang admit:
                live.Admission = new(admit.Flavor, admit.Nodes, Time(now));
                live.Reservation = null;
                live.Started ??= now;
                break;
            case PreemptGang:
                live.Admission = null;
                live.Preemptions++;
                live.Overhead = cluster.PreemptionCost;
                break;
            case ShrinkGang shrink:
                live.Admission = live.Admission! with { Nodes = shrink.Kept };
                break;
            case GrowGang grow:
                live.Admission = live.Admission! with { Nodes = [.. live.Admission.Nodes, .. grow.Added] };
                break;
            default:
                throw new InvalidOperationException($"what is {decision}?");
        }
    }

    private void Note(SchedulingPlan plan, List<string> hopeless)
    {
        foreach (var waiting in plan.Waiting)
        {
            var live = present[waiting.Job];
            if (waiting.IsHopeless)
            {
                hopeless.Add(waiting.Job);
                present.Remove(waiting.Job);
                continue;
            }
            live.Reservation = waiting.Start is { IsReserved: true } start
                ? new(live.Reservation?.Since ?? Time(now), live.Reservation?.Turn ?? start.Turn, start.At, start.Flavor, start.Nodes)
                : null;
            if (live.Asked) continue;
            live.Asked = true;
            live.Promised = waiting.Start is { } promise ? (promise.At - Begin).TotalSeconds : null;
            live.WasReserved = waiting.Start?.IsReserved ?? false;
        }
    }

    private SchedulingSnapshot Snapshot() => new()
    {
        Resources = cluster.Resources,
        Nodes = cluster.Nodes,
        Queues = cluster.Queues,
        Settings = cluster.Settings,
        Jobs = [.. present.Values.Select(l => new SchedulingJob(l.Job.Name)
        {
            Queue = l.Job.Queue,
            Priority = l.Job.Priority,
            Submitted = Time(l.Job.Submitted),
            Replicas = l.Job.Replicas,
            Min = l.Job.Min,
            Max = l.Job.Max,
            PerPod = l.Job.PerPod,
            ExpectedDuration = l.Job.Estimate is { } estimate ? TimeSpan.FromSeconds(estimate) : null,
            Constraints = l.Job.Constraints,
            Admission = l.Admission,
            Reservation = l.Reservation,
            Attained = TimeSpan.FromSeconds(l.Attained),
        })],
    };

    private static DateTimeOffset Time(double seconds) => Begin.AddSeconds(seconds);

    private sealed class Live(SimulatedJob job)
    {
        public SimulatedJob Job => job;

        public Admission? Admission { get; set; }

        public RecordedReservation? Reservation { get; set; }

        public double Attained { get; private set; }

        public double Overhead { get; set; }

        public double? Started { get; set; }

        public int Preemptions { get; set; }

        public bool Asked { get; set; }

        public double? Promised { get; set; }

        public bool WasReserved { get; set; }

        private double Speed => (double)Admission!.Nodes.Count / job.Replicas;

        /// <summary>Seconds until it ends if it goes on as it is.</summary>
        public double Left => Overhead + ((job.Duration - Attained) / Speed);

        public void Run(double seconds)
        {
            var overhead = Math.Min(Overhead, seconds);
            Overhead -= overhead;
            Attained += (seconds - overhead) * Speed;
        }
    }
}
