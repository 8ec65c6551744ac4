using AiDc.Api;
using AiDc.Operator.Nodes;

namespace AiDc.Operator.Tests.Nodes;

public sealed class NodeTroubleTests
{
    [Test]
    public void What_a_node_has_lost_is_said()
    {
        Assert.That(NodeTrouble.Of(new("n") { IsDeleted = true })!.Reason, Is.EqualTo(Reasons.NodeDeleted));
        Assert.That(NodeTrouble.Of(new("n") { DeadFor = TimeSpan.FromSeconds(40) })!.Reason, Is.EqualTo(Reasons.NodeLost));
        Assert.That(NodeTrouble.Of(new("n") { AllocatableGpus = 3, GpusInUse = 4 })!.Reason, Is.EqualTo(Reasons.GpuWithdrawn));
    }

    [Test]
    public void A_node_that_keeps_what_it_runs_is_no_trouble()
    {
        Assert.That(NodeTrouble.Of(null), Is.Null);
        Assert.That(NodeTrouble.Of(new("n") { IsCordoned = true, IsReady = false }), Is.Null, "cordoned or not ready, what runs there runs on");
        Assert.That(NodeTrouble.Of(new("n") { AllocatableGpus = 4, GpusInUse = 4 }), Is.Null);
        Assert.That(NodeTrouble.Of(new("n") { AllocatableGpus = null, GpusInUse = 4 }), Is.Null, "not known");
    }
}
