using AiDc.Operator.Scheduling;

namespace AiDc.Operator.Tests.Scheduling;

/// <summary>What is decided and said in small clusters that can be reckoned by hand.</summary>
[TestFixture]
internal sealed class SchedulingPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void A_gang_goes_where_it_leaves_the_largest_pieces_whole()
    {
        var plan = Plan([Node("a", 8), Node("b", 4), Node("c", 2)], [Job("small", 2, 2)]);

        Assert.That(Admitted(plan, "small"), Is.EqualTo(new[] { "b", "b" }));
    }

    [Test]
    public void A_gang_that_must_be_in_one_rack_is_told_what_the_best_rack_has_and_who_frees_the_rest()
    {
        var plan = Plan(
            [Node("a", 8, "r1"), Node("b", 8, "r1"), Node("c", 8, "r2")],
            [
                Running("llm", 1, 8, minutes: 40, "a"), Running("other", 1, 8, minutes: 90, "c"),
                Job("wide", 2, 8) with { Constraints = new() { RequiredTopology = "example.com/rack" } },
            ]);

        var waiting = plan.Waiting.Single();
        Assert.That(waiting.Reason, Is.EqualTo(WaitReason.NodesInUse));
        Assert.That(waiting.Message, Is.EqualTo("needs 2 pods of 8 gpu in one rack; rack r1 has room for 1; llm frees what it needs; starts at about 12:40 (reserved)"));
        Assert.That(waiting.Start!.Nodes, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void Who_ends_before_a_reserved_start_fills_the_gap_and_who_does_not_waits()
    {
        var plan = Plan(
            [Node("a", 8), Node("b", 8)],
            [Running("first", 1, 8, minutes: 60, "a"), Job("head", 2, 8, submitted: -30), Job("short", 1, 8, minutes: 59), Job("long", 1, 8, minutes: 61)]);

        Assert.That(plan.Decisions.Select(d => d.Job), Is.EqualTo(new[] { "short" }));
        Assert.That(plan.Waiting.Single(w => w.Job == "head").Start!.At, Is.EqualTo(Now.AddMinutes(60)));
        Assert.That(plan.Waiting.Single(w => w.Job == "long").Start!.IsReserved, Is.False);
    }

    [Test]
    public void A_job_that_no_rack_can_hold_is_told_so_at_once_and_nobody_waits_behind_it()
    {
        var plan = Plan(
            [Node("a", 8, "r1"), Node("b", 8, "r2")],
            [Job("huge", 2, 8, submitted: -10) with { Constraints = new() { RequiredTopology = "example.com/rack" } }, Job("next", 1, 8)]);

        Assert.That(plan.Waiting.Single().Reason, Is.EqualTo(WaitReason.ExceedsCluster));
        Assert.That(plan.Decisions.Single().Job, Is.EqualTo("next"));
    }

    [TestCase(long.MaxValue, WaitReason.ExceedsQuota)]
    [TestCase(long.MinValue, WaitReason.InvalidRequest)]
    [TestCase(-1, WaitReason.InvalidRequest)]
    public void A_quantity_at_the_end_of_int64_gets_nobody_past_a_quota(long gpus, WaitReason reason)
    {
        var plan = Plan([Node("a", 8)], [Job("odd", 3, gpus), Job("fair", 1, 1)]);

        Assert.That(plan.Waiting.Single().Reason, Is.EqualTo(reason));
        Assert.That(plan.Decisions.Single().Job, Is.EqualTo("fair"));
    }

    [Test]
    public void What_an_admitted_job_holds_counts_as_it_was_admitted_however_it_was_edited()
    {
        var edited = Running("edited", 1, 8, minutes: 60, "a");
        edited = edited with { PerPod = [0], Queue = "nowhere", Admission = edited.Admission! with { Queue = "team", PerPod = Amounts.Of([8]) } };

        var plan = Plan([Node("a", 8), Node("b", 8)], [edited, Job("next", 1, 8)], quota: 8);

        Assert.That(plan.Decisions, Is.Empty);
        Assert.That(plan.Waiting.Single().Reason, Is.EqualTo(WaitReason.QuotaInUse));
    }

    [TestCase(-8)]
    [TestCase(-16)]
    [TestCase(long.MinValue)]
    public void A_running_job_that_is_edited_to_ask_for_less_than_nothing_gives_no_quota_back(long gpus)
    {
        var edited = Running("edited", 1, gpus, minutes: 60, "a");

        var plan = Plan([Node("a", 8), Node("b", 8), Node("c", 8), Node("d", 8)], [edited, Running("other", 1, 8, minutes: 60, "b"), Job("next", 2, 8)], quota: 16);

        Assert.That(plan.Decisions, Is.Empty);
        Assert.That(plan.Waiting.Single().Reason, Is.EqualTo(WaitReason.QuotaInUse));
    }

    [TestCase(-8)]
    [TestCase(long.MinValue)]
    public void What_was_recorded_at_admission_stays_in_use_when_the_running_job_asks_for_less_than_nothing(long gpus)
    {
        var edited = Running("edited", 1, gpus, minutes: 60, "a");
        edited = edited with { Admission = edited.Admission! with { PerPod = Amounts.Of([8]) } };

        var plan = Plan([Node("a", 8), Node("b", 8)], [edited, Job("next", 1, 8)], quota: 8);

        Assert.That(plan.Decisions, Is.Empty);
        Assert.That(plan.Waiting.Single().Reason, Is.EqualTo(WaitReason.QuotaInUse));
    }

    [TestCase(-8)]
    [TestCase(long.MinValue)]
    public void A_running_job_that_asks_for_less_than_nothing_makes_its_node_no_larger(long gpus)
    {
        var plan = Plan([Node("a", 8)], [Running("edited", 1, gpus, minutes: 60, "a"), Job("next", 1, 8), Job("then", 1, 8)]);

        Assert.That(plan.Decisions.Select(d => d.Job), Is.EqualTo(new[] { "next" }));
        Assert.That(plan.Waiting.Single().Reason, Is.EqualTo(WaitReason.NodesInUse));
    }

    [Test]
    public void Borrowed_quota_is_taken_back_with_the_least_lost_work()
    {
        SchedulingQueue[] queues =
        [
            new("team") { Cohort = "all", Flavors = [new("any", [8])] },
            new("guest") { Cohort = "all", Flavors = [new("any", [0])] },
        ];
        var plan = SchedulingPlanner.Plan(
            new()
            {
                Resources = ["gpu"], Nodes = [Node("a", 4), Node("b", 4)], Queues = queues,
                Jobs =
                [
                    Running("dear", 1, 4, minutes: 60, "a") with { Queue = "guest", Uncheckpointed = TimeSpan.FromMinutes(50) },
                    Running("cheap", 1, 4, minutes: 60, "b") with { Queue = "guest", Uncheckpointed = TimeSpan.FromMinutes(1) },
                    Job("owner", 1, 4),
                ],
            }, Now);

        Assert.That(plan.Decisions.Single(), Is.InstanceOf<PreemptGang>().With.Property("Job").EqualTo("cheap").And.Property("For").EqualTo("owner"));
        Assert.That(plan.Waiting.Single().Reason, Is.EqualTo(WaitReason.WaitingForPreempted));
    }

    [Test]
    public void Nobody_else_is_ended_while_the_first_is_still_on_its_way_out()
    {
        var ending = Running("ending", 1, 8, minutes: 60, "a");
        var plan = Plan(
            [Node("a", 8), Node("b", 8)],
            [
                ending with { Admission = ending.Admission! with { IsEnding = true } }, Running("other", 1, 8, minutes: 60, "b"),
                Job("urgent", 1, 8) with { Priority = 100 },
            ], preemption: new() { WithinQueue = WithinQueue.LowerPriority });

        Assert.That(plan.Decisions, Is.Empty);
    }

    [Test]
    public void An_elastic_job_gives_back_what_it_has_above_its_minimum_when_somebody_waits()
    {
        var elastic = Running("elastic", 2, 4, minutes: 60, "a", "b") with { Min = 1 };

        var plan = Plan([Node("a", 4), Node("b", 4)], [elastic, Job("next", 1, 4)]);

        Assert.That(plan.Decisions.Single(), Is.InstanceOf<ShrinkGang>());
        Assert.That(((ShrinkGang)plan.Decisions.Single()).Kept, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void An_elastic_job_grows_when_nobody_waits()
    {
        var elastic = Running("elastic", 1, 4, minutes: 60, "a") with { Max = 2 };

        var plan = Plan([Node("a", 4), Node("b", 4)], [elastic]);

        Assert.That(((GrowGang)plan.Decisions.Single()).Added, Is.EqualTo(new[] { "b" }));
    }

    private static SchedulingPlan Plan(SchedulingNode[] nodes, SchedulingJob[] jobs, long quota = 100, QueuePreemption? preemption = null) =>
        SchedulingPlanner.Plan(
            new()
            {
                Resources = ["gpu"], Nodes = nodes, Jobs = jobs,
                Queues = [new("team") { Flavors = [new("any", [quota])], Preemption = preemption ?? new() }],
            }, Now);

    private static SchedulingNode Node(string name, long gpus, string rack = "r") =>
        new(name, [gpus]) { Labels = new Dictionary<string, string> { ["example.com/rack"] = rack } };

    private static SchedulingJob Job(string name, int pods, long gpus, int submitted = 0, int minutes = 60) => new(name)
    {
        Queue = "team", Submitted = Now.AddMinutes(submitted), Replicas = pods, PerPod = [gpus], ExpectedDuration = TimeSpan.FromMinutes(minutes),
    };

    private static SchedulingJob Running(string name, int pods, long gpus, int minutes, params string[] nodes) =>
        Job(name, pods, gpus, submitted: -60) with { Admission = new("any", nodes, Now.AddMinutes(-30)) { ExpectedEnd = Now.AddMinutes(minutes) } };

    private static IReadOnlyList<string> Admitted(SchedulingPlan plan, string job) => plan.Decisions.OfType<AdmitGang>().Single(a => a.Job == job).Nodes;
}
