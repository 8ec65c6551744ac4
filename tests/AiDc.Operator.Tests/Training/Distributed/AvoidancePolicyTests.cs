using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Distributed;

namespace AiDc.Operator.Tests.Training.Distributed;

public sealed class AvoidancePolicyTests
{
    [Test]
    public void A_node_that_flaps_is_avoided_for_twice_as_long_each_time()
    {
        var nodes = AvoidancePolicy.After(Given.View(Given.Job()), [("n", Reasons.WorkerSilent)])!;
        Assert.That(nodes.Single().Until, Is.EqualTo(Given.Now.AddMinutes(1)));

        for (var i = 0; i < 3; i++) nodes = AvoidancePolicy.After(View(nodes), [("n", Reasons.WorkerSilent)])!;
        Assert.That((nodes.Single().Losses, nodes.Single().Until), Is.EqualTo((4, Given.Now.AddMinutes(8))));

        for (var i = 0; i < 50; i++) nodes = AvoidancePolicy.After(View(nodes), [("n", Reasons.WorkerSilent)])!;
        Assert.That(nodes.Single().Until, Is.EqualTo(Given.Now.AddHours(1)), "and no longer");
    }

    [Test]
    public void Two_workers_lost_with_one_node_are_one_loss_of_the_node() =>
        Assert.That(AvoidancePolicy.After(View(null), [("n", "a"), ("n", "b")])!.Single().Losses, Is.EqualTo(1));

    [Test]
    public void A_node_is_used_again_after_its_time_and_forgotten_an_hour_later()
    {
        var before = Given.Now.AddSeconds(-1);
        Assert.That(AvoidancePolicy.Nodes(View([new() { Name = "n", Losses = 3, Until = before }])), Is.Empty);
        Assert.That(AvoidancePolicy.After(View([new() { Name = "n", Losses = 3, Until = before }]), [])!.Single().Losses, Is.EqualTo(3));
        Assert.That(AvoidancePolicy.After(View([new() { Name = "n", Losses = 3, Until = Given.Now.AddMinutes(-61) }]), []), Is.Null);
    }

    [Test]
    public void Dead_nodes_of_the_cluster_are_avoided_too_because_the_scheduler_learns_late()
    {
        var view = View([new() { Name = "b", Losses = 1, Until = Given.Now.AddMinutes(1) }], unfit: ["c", "a"]);

        Assert.That(AvoidancePolicy.Nodes(view), Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public void A_pod_that_waits_for_a_node_is_made_anew_once_a_node_that_it_keeps_off_is_back()
    {
        var world = new World(Given.Job(1)) { Nodes = { ["node-9"] = new("node-9") { DeadFor = TimeSpan.FromSeconds(41) } } };
        world.Settle().HasNoNode(0);
        Assert.That((world.Newest(0).AvoidedNodes, world.LastPlan.RequeueAfter), Is.EqualTo(("node-9", TimeSpan.FromSeconds(5))), "a node makes no event for a pod that is on none");

        world.Nodes["node-9"] = new("node-9");
        world.Pass(TimeSpan.FromSeconds(5)).FinishDeletions();

        Assert.That((world.Status.Attempt, world.Status.CountedRestarts, world.Newest(0).AvoidedNodes), Is.EqualTo((2, 0, (string?)null)));
    }

    [Test]
    public void While_the_node_is_dead_or_the_scheduler_has_not_looked_yet_nothing_is_made_anew()
    {
        var world = new World(Given.Job(1)) { Nodes = { ["node-9"] = new("node-9") { DeadFor = TimeSpan.FromSeconds(41) } } };
        world.Settle().HasNoNode(0).Pass(TimeSpan.FromSeconds(5));
        Assert.That(world.Status.Attempt, Is.EqualTo(1));

        var other = new World(Given.Job(1)) { Nodes = { ["node-9"] = new("node-9") { DeadFor = TimeSpan.FromSeconds(41) } } };
        other.Settle();
        other.Nodes.Clear();
        Assert.That(other.Pass(TimeSpan.FromSeconds(5)).Status.Attempt, Is.EqualTo(1));
    }

    [Test]
    public void Where_every_node_has_lost_a_worker_the_one_whose_time_ends_first_is_used_all_the_same()
    {
        AvoidedNode[] all = [Suspect("a", 1), Suspect("b", 2), Suspect("c", 4)];

        Assert.That(AvoidancePolicy.Nodes(View(all, fit: ["a", "b", "c", "d"])), Is.EqualTo(new[] { "a", "b", "c" }), "d is better");
        Assert.That(AvoidancePolicy.Nodes(View(all, fit: ["a", "b", "c"])), Is.EqualTo(new[] { "b", "c" }));
        Assert.That(AvoidancePolicy.Nodes(View(all, fit: ["b", "c"], unfit: ["a"])), Is.EqualTo(new[] { "a", "c" }), "a is dead");
    }

    [Test]
    public void The_record_stays_small() =>
        Assert.That(AvoidancePolicy.After(View(null), Enumerable.Range(0, 100).Select(i => ($"n{i}", "x"))), Has.Count.EqualTo(AvoidedNode.Max));

    private static AvoidedNode Suspect(string name, int minutes) => new() { Name = name, Losses = 1, Until = Given.Now.AddMinutes(minutes) };

    private static Operator.Training.Jobs.JobView View(IReadOnlyList<AvoidedNode>? nodes, string[]? unfit = null, string[]? fit = null) => new(
        Given.Snapshot(Given.Job(status: s => s with { AvoidedNodes = nodes })) with { UnfitNodes = unfit ?? [], FitNodes = fit ?? [] }, Given.Options, Given.Now);
}
