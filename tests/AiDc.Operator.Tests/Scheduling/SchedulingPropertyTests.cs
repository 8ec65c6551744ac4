using AiDc.Benchmarks.Scheduling.Simulation;
using AiDc.Operator.Scheduling;

namespace AiDc.Operator.Tests.Scheduling;

/// <summary>What holds on random clusters, queues and streams of jobs, at each moment of their whole life.</summary>
[TestFixture]
internal sealed class SchedulingPropertyTests
{
    private const int Seeds = 20;

    [Test]
    public void No_quota_and_no_node_is_exceeded_and_no_gang_is_placed_in_part([Range(1, Seeds)] int seed)
    {
        var stream = RandomStream.Of(seed);
        var simulator = new ClusterSimulator(stream.Cluster)
        {
            Decided = (snapshot, plan, _) =>
            {
                var judge = new Judge(snapshot, plan);
                judge.NoNodeHasMoreThanItHas();
                judge.NoQuotaIsExceeded();
                foreach (var admit in plan.Decisions.OfType<AdmitGang>()) judge.GangIsWhole(admit);
                foreach (var grow in plan.Decisions.OfType<GrowGang>())
                    Assert.That(judge.Held[grow.Job].Nodes, Has.Count.LessThanOrEqualTo(judge.Job(grow.Job).Max ?? judge.Job(grow.Job).Replicas));
            },
        };

        simulator.Run(stream.Jobs);
    }

    [Test]
    public void Nobody_waits_who_fits_where_nothing_is_reserved_for_others()
    {
        var judged = 0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var stream = RandomStream.Of(seed);
            var simulator = new ClusterSimulator(stream.Cluster)
            {
                Decided = (snapshot, plan, _) =>
                {
                    if (plan.Decisions.Any(d => d is PreemptGang or ShrinkGang) || plan.Waiting.Any(w => w.Start is { IsReserved: true })) return;
                    var judge = new Judge(snapshot, plan);
                    foreach (var waiting in plan.Waiting.Where(w => !w.IsHopeless))
                    {
                        judged++;
                        var job = judge.Job(waiting.Job);
                        Assert.That(judge.WouldFit(job, job.Min ?? job.Replicas), Is.False, $"seed {seed}: {waiting.Job}: {waiting.Message}");
                    }
                },
            };

            simulator.Run(stream.Jobs);
        }

        Assert.That(judged, Is.GreaterThan(100), "jobs that waited without a reservation in the way");
    }

    /// <summary>The properties are of a kind that an empty stream has too: this is what they are tested on.</summary>
    [Test]
    public void The_random_streams_have_all_that_the_properties_speak_of()
    {
        Dictionary<Type, int> decided = [];
        Dictionary<WaitReason, int> reasons = [];
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var stream = RandomStream.Of(seed);
            new ClusterSimulator(stream.Cluster)
            {
                Decided = (_, plan, _) =>
                {
                    foreach (var decision in plan.Decisions) decided[decision.GetType()] = decided.GetValueOrDefault(decision.GetType()) + 1;
                    foreach (var waiting in plan.Waiting) reasons[waiting.Reason] = reasons.GetValueOrDefault(waiting.Reason) + 1;
                },
            }.Run(stream.Jobs);
        }

        Assert.That(decided.Keys, Is.EquivalentTo(new[] { typeof(AdmitGang), typeof(PreemptGang), typeof(ShrinkGang), typeof(GrowGang) }));
        Assert.That(decided.Values, Has.All.GreaterThan(10));
        // None of them is invalid, and who was ended is gone at once there: the small clusters have both.
        Assert.That(reasons.Keys, Is.SupersetOf(Enum.GetValues<WaitReason>().Except([WaitReason.InvalidRequest])));
    }

    [Test]
    public void Every_job_of_a_finite_stream_ends_or_is_told_at_once_that_it_cannot([Range(1, Seeds)] int seed)
    {
        var stream = RandomStream.Of(seed);
        HashSet<string> hopeless = [];
        var simulator = new ClusterSimulator(stream.Cluster)
        {
            Decided = (snapshot, plan, now) =>
            {
                foreach (var waiting in plan.Waiting.Where(w => w.IsHopeless))
                {
                    hopeless.Add(waiting.Job);
                    var job = snapshot.Jobs.Single(j => j.Name == waiting.Job);
                    Assert.That(now, Is.EqualTo(job.Submitted).Within(TimeSpan.FromSeconds(0.001)), "told when it comes, not later");
                    var empty = snapshot with { Jobs = [job] };
                    Assert.That(new Judge(empty, new([], [])).WouldFit(job, job.Min ?? job.Replicas), Is.False, waiting.Message);
                }
            },
        };

        var result = simulator.Run(stream.Jobs);

        Assert.That(result.Unfinished, Is.EquivalentTo(hopeless));
        Assert.That(result.Jobs, Has.Count.EqualTo(stream.Jobs.Count - hopeless.Count));
    }

    [Test]
    public void Nobody_is_ended_in_vain_and_nobody_takes_turns([Range(1, Seeds)] int seed)
    {
        var stream = RandomStream.Of(seed);
        List<(DateTimeOffset At, string For, string Victim)> ended = [];
        var simulator = new ClusterSimulator(stream.Cluster)
        {
            Decided = (snapshot, plan, now) =>
            {
                var judge = new Judge(snapshot, plan);
                foreach (var group in plan.Decisions.OfType<PreemptGang>().GroupBy(p => p.For))
                {
                    foreach (var victim in group) ended.Add((now, victim.For, victim.Job));
                    // The judge knows nothing of what is kept for others.
                    if (plan.Waiting.Any(w => w.Start is { IsReserved: true } && w.Job != group.Key)) continue;
                    if (plan.Decisions.Any(d => d is AdmitGang or ShrinkGang) || plan.Decisions.OfType<PreemptGang>().Any(p => p.For != group.Key)) continue;
                    var job = judge.Job(group.Key);
                    Assert.That(judge.WouldFit(job, job.Min ?? job.Replicas), "all of them together make room");
                    foreach (var spared in group)
                    {
                        var fewer = new Judge(snapshot, plan with { Decisions = [.. group.Where(v => v != spared)] });
                        Assert.That(fewer.WouldFit(job, job.Min ?? job.Replicas), Is.False, $"{spared.Job} was ended for {job.Name} in vain");
                    }
                }
            },
        };

        simulator.Run(stream.Jobs);

        foreach (var moment in ended.GroupBy(e => e.At))
            Assert.That(moment.Where(e => moment.Any(o => o.For == e.Victim && o.Victim == e.For)), Is.Empty, "two ended each other");
        foreach (var pair in ended.GroupBy(e => (e.For, e.Victim)))
            Assert.That(pair.Count(), Is.LessThan(20), $"{pair.Key} again and again");
    }

    [Test]
    public void A_new_leader_that_lists_everything_in_another_order_decides_the_same([Range(1, Seeds)] int seed)
    {
        var stream = RandomStream.Of(seed);
        var random = new Random(seed);
        var other = new ClusterSimulator(stream.Cluster)
        {
            Seen = s => s with { Nodes = Shuffled(random, s.Nodes), Jobs = Shuffled(random, s.Jobs), Queues = Shuffled(random, s.Queues), Pods = Shuffled(random, s.Pods) },
        };

        var changed = other.Run(stream.Jobs);

        Assert.That(changed.Jobs, Is.EqualTo(new ClusterSimulator(stream.Cluster).Run(stream.Jobs).Jobs));
    }

    [Test]
    public void A_reserved_start_is_kept_when_estimates_are_right([Range(1, Seeds)] int seed)
    {
        var stream = RandomStream.Of(seed, preempts: false);
        // Everybody says how long it takes and is rigid: nothing that comes later may move what was reserved.
        var jobs = stream.Jobs.Select(j => j with { Estimate = j.Duration, Min = null, Max = null }).ToList();
        Dictionary<string, DateTimeOffset> promised = [];
        var kept = 0;
        var simulator = new ClusterSimulator(stream.Cluster)
        {
            Decided = (_, plan, now) =>
            {
                foreach (var waiting in plan.Waiting)
                    if (waiting.Start is { IsReserved: true } start) promised.TryAdd(waiting.Job, start.At);
                foreach (var admit in plan.Decisions.OfType<AdmitGang>())
                {
                    if (!promised.TryGetValue(admit.Job, out var start)) continue;
                    kept++;
                    Assert.That(now, Is.LessThanOrEqualTo(start.AddSeconds(0.01)), admit.Job);
                }
            },
        };

        simulator.Run(jobs);

        Assert.That(kept, Is.EqualTo(promised.Count));
    }

    private static T[] Shuffled<T>(Random random, IReadOnlyList<T> list)
    {
        T[] copy = [.. list];
        random.Shuffle(copy);
        return copy;
    }
}
