using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Tests;

[TestFixture]
internal sealed class GangShapeTests
{
    private static readonly TrainingJobSpec BuiltIn = new() { Trainer = new() };

    [TestCase(1, null, null, 0, 0, false)]
    [TestCase(1, null, null, 1, 1, false)]
    [TestCase(1, null, null, 1, 4, false)]
    [TestCase(2, null, null, 0, 0, true)]
    [TestCase(1, 1, null, 0, 0, true)]
    [TestCase(1, null, 4, 0, 0, true)]
    [TestCase(1, null, null, 2, 0, true)]
    [TestCase(1, null, null, 0, 2, true)]
    public void The_built_in_trainer_is_distributed_when_there_is_or_may_be_more_than_one_process(
        int replicas, int? min, int? max, int processes, int gpus, bool distributed)
    {
        var spec = BuiltIn with { Workers = new() { Replicas = replicas, Min = min, Max = max, Processes = processes }, Resources = new() { Gpus = gpus } };

        Assert.That(GangShape.IsDistributed(spec), Is.EqualTo(distributed));
    }

    [Test]
    public void An_image_of_one_s_own_stands_and_falls_as_a_whole() =>
        Assert.That(GangShape.IsDistributed(new() { Workers = new() { Replicas = 8 }, Resources = new() { Gpus = 8 } }), Is.False);

    [TestCase(0, 0, 1)]
    [TestCase(0, 4, 4)]
    [TestCase(2, 4, 2)]
    public void There_is_a_process_for_each_GPU_unless_said_otherwise(int processes, int gpus, int expected) =>
        Assert.That(GangShape.Processes(BuiltIn with { Workers = new() { Processes = processes }, Resources = new() { Gpus = gpus } }), Is.EqualTo(expected));

    [TestCase(4, null, 4)]
    [TestCase(4, 2, 2)]
    public void A_gang_without_a_minimum_is_rigid(int replicas, int? min, int expected) =>
        Assert.That(GangShape.LeastWorkers(BuiltIn with { Workers = new() { Replicas = replicas, Min = min } }), Is.EqualTo(expected));
}
