using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Builders;

namespace AiDc.Operator.Tests.Training.Builders;

public sealed class TrainerArgumentsTests
{
    private static readonly TrainerSpec Trainer = Given.BuiltIn().Spec.Trainer!;
    private static readonly CheckpointSpec Checkpoint = new() { Uri = "pvc://models/digits" };

    [Test]
    public void Everything_is_said_so_that_a_run_does_not_depend_on_the_image_s_own_defaults() =>
        Assert.That(string.Join(' ', TrainerArguments.Of(Trainer, Checkpoint, null)), Is.EqualTo(
            "train --task image-classification --data /data --format idx --validation-split 0 --model cnn --dropout 0.5 --epochs 10 --batch-size 64 "
            + "--optimizer adam --learning-rate 0.001 --momentum 0 --weight-decay 0 --schedule constant --warmup-steps 0 --seed 0 "
            + "--checkpoint-dir /checkpoint --checkpoint-every 30s --checkpoint-keep 3 --output /checkpoint/model --progress json"));

    [Test]
    public void Every_field_has_its_argument()
    {
        var trainer = Trainer with
        {
            Model = new() { Name = "cifar-cnn", BatchNorm = true, Dropout = 0.25 },
            Data = new() { Uri = "pvc://a", Format = "cifar10", ImageSize = 96, MostLeftOut = 0, ValidationSplit = 0.1 },
            Epochs = 3,
            GlobalBatchSize = 128,
            Optimizer = new() { Name = "sgd", LearningRate = 0.05, Momentum = 0.9, WeightDecay = 0.0005 },
            Schedule = new() { Name = "step", WarmupSteps = 100, StepEpochs = 2, Gamma = 0.5 },
            EarlyStopping = new() { Patience = 4, MinDelta = 0.01 },
            Seed = 7,
        };

        Assert.That(string.Join(' ', TrainerArguments.Of(trainer, Checkpoint with { Every = "1h30m", Keep = 5 }, "1500m")), Is.EqualTo(
            "train --task image-classification --data /data --format cifar10 --image-size 96 --most-left-out 0 --validation-split 0.1 --model cifar-cnn --batch-norm --dropout 0.25 --epochs 3 "
            + "--batch-size 128 --optimizer sgd --learning-rate 0.05 --momentum 0.9 --weight-decay 0.0005 --schedule step --warmup-steps 100 --step-epochs 2 "
            + "--gamma 0.5 --early-stopping-patience 4 --early-stopping-min-delta 0.01 --seed 7 --checkpoint-dir /checkpoint --checkpoint-every 5400s "
            + "--checkpoint-keep 5 --output /checkpoint/model --progress json --threads 2"));
    }

    [Test]
    public void What_is_in_S3_is_named_by_its_uri()
    {
        var trainer = Trainer with { Data = new() { Uri = "s3://sets/mnist/", Format = "idx" } };

        Assert.That(string.Join(' ', TrainerArguments.Of(trainer, new() { Uri = "s3://models/digits" }, null)), Does
            .Contain("--data s3://sets/mnist --format")
            .And.Contain("--checkpoint-dir s3://models/digits --checkpoint-every 30s --checkpoint-keep 3 --output s3://models/digits/model --progress"));
    }

    [Test]
    public void A_worker_that_trains_with_others_is_told_so_and_one_alone_is_not()
    {
        var trainer = Trainer with { MicroBatchSize = 16, Model = new() { BatchNorm = true, SyncBatchNorm = true } };

        Assert.That(string.Join(' ', TrainerArguments.Of(trainer, Checkpoint, "2", processes: 4)),
            Does.EndWith("--progress json --micro-batch-size 16 --distributed --processes 4 --sync-batch-norm --threads 2"));
        Assert.That(TrainerArguments.Of(trainer, Checkpoint, "2"), Has.None.EqualTo("--distributed").And.None.EqualTo("--sync-batch-norm"));
    }

    [TestCase("step", "0.1")]
    [TestCase("exponential", "0.95")]
    [TestCase("cosine", null)]
    [TestCase("constant", null)]
    public void The_factor_of_a_schedule_is_the_documented_one_unless_given(string schedule, string? gamma)
    {
        var arguments = TrainerArguments.Of(Trainer with { Schedule = new() { Name = schedule } }, Checkpoint, null).ToList();

        Assert.That(arguments.IndexOf("--gamma") is var at and >= 0 ? arguments[at + 1] : null, Is.EqualTo(gamma));
    }

    [TestCase("500ms", "0.5s")]
    [TestCase("2m", "120s")]
    [TestCase("1d", "86400s")]
    public void Durations_are_given_in_seconds(string every, string expected) =>
        Assert.That(TrainerArguments.Of(Trainer, Checkpoint with { Every = every }, null), Does.Contain(expected));

    [TestCase("4", "4")]
    [TestCase("250m", "1")]
    [TestCase("2.5", "3")]
    public void As_many_threads_as_CPUs_are_asked_for(string cpu, string threads) =>
        Assert.That(TrainerArguments.Of(Trainer, Checkpoint, cpu).TakeLast(2), Is.EqualTo(new[] { "--threads", threads }));
}
