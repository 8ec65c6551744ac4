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
