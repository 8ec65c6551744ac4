using System.Text.Json;
using AiDc.Trainer.Models;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Tests.Training;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TrainerTests : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("cnn", OptimizerKind.Adam, 0.003)]
    [TestCase("cifar-cnn", OptimizerKind.AdamW, 0.003)]
    [TestCase("cnn", OptimizerKind.Sgd, 0.1)]
    public void It_learns_the_toy_problem(string model, OptimizerKind optimizer, double rate)
    {
        var options = _folder.Options("learns", epochs: 6) with { Model = new(model, BatchNorm: true, Dropout: 0.1), Optimizer = new(optimizer, rate, 0, 0) };
        var result = _folder.Run(options);
        Assert.That(result.Metrics["testAccuracy"], Is.GreaterThan(0.9));
    }

    [Test]
    public void Equal_seeds_give_equal_models_and_other_seeds_others()
    {
        var (one, two, three) = (_folder.Options("one", 1), _folder.Options("two", 1), _folder.Options("three", 1) with { Seed = 8 });
        foreach (var options in new[] { one, two, three }) _folder.Run(options);
        Assert.That(RunFolder.Weights(two), Is.EqualTo(RunFolder.Weights(one)));
        Assert.That(RunFolder.Weights(three), Is.Not.EqualTo(RunFolder.Weights(one)));
    }

    [Test]
    public void The_bundle_describes_the_model_and_how_it_was_made()
    {
        var options = _folder.Options("bundle", 1) with { ValidationSplit = 0.2 };
        _folder.Run(options);
        var manifest = ModelBundle.Read(options.Output).Manifest;
        Assert.That(manifest.Architecture, Is.EqualTo(new ModelSpec("cnn", false, 0.25, 1, 12, 12, manifest.Classes.Count)));
        Assert.That(manifest.Normalization.Mean, Has.Length.EqualTo(1));
        Assert.That(manifest.Metrics.Keys, Is.SupersetOf(new[] { "testAccuracy", "testLoss", "trainLoss", "validationAccuracy", "validationLoss" }));
        Assert.That(manifest.Training.Steps, Is.EqualTo(8));
    }

    [Test]
    public void Without_improvement_it_ends_early_and_keeps_the_best_epoch()
    {
        // A rate so high that nothing is learnt for long, and an improvement that cannot be reached.
        var options = _folder.Options("early", epochs: 50) with { ValidationSplit = 0.2, EarlyStopping = new(2, MinDelta: 1000) };
        var log = new RecordingLog();
        var result = _folder.Run(options, log);
        Assert.That(log.Epochs, Has.Count.EqualTo(3));
        Assert.That(result.Metrics["bestEpoch"], Is.EqualTo(1));
        Assert.That(result.Metrics["validationLoss"], Is.EqualTo(log.Epochs[0].Metrics["validationLoss"]));
        var oneEpoch = _folder.Options("one", epochs: 1) with { ValidationSplit = 0.2, EarlyStopping = new(2, 1000) };
        _folder.Run(oneEpoch);
        Assert.That(RunFolder.Weights(options), Is.EqualTo(RunFolder.Weights(oneEpoch)), "the result is not the best epoch's model");
    }

    [Test]
    public void A_run_that_diverges_without_a_checkpoint_ends_with_4_and_names_the_step_and_the_learning_rate()
    {
        var options = _folder.Options("diverges", 5) with { Optimizer = new(OptimizerKind.Sgd, 1e30, 0, 0) };
        var error = Assert.Throws<DivergedException>(() => _folder.Run(options));
        Assert.That(error!.Message, Does.Contain("--learning-rate").And.Contain("step"));
        Assert.That(error.ExitCode, Is.EqualTo(4));
        Assert.That(File.Exists(Path.Combine(options.Output, "model.json")), Is.False);
    }

    [Test]
    public void A_run_that_diverges_goes_back_to_its_checkpoint_once_and_ends_when_it_diverges_at_the_same_step_again()
    {
        var options = _folder.Options("diverges", 5) with { Optimizer = new(OptimizerKind.Sgd, 1e30, 0, 0) };
        options = options with { Checkpoints = options.Checkpoints! with { Every = TimeSpan.FromSeconds(1) } };
        var log = new RecordingLog();
        var error = Assert.Throws<DivergedException>(() => _folder.Run(options, log));
        Assert.That(error!.Message, Does.Contain("again").And.Contain("step"));
        Assert.That(log.Notes.Count(n => n.Event == "diverging"), Is.EqualTo(1));
    }

    [Test]
    public void A_last_step_that_leaves_what_is_not_finite_is_no_success_and_leaves_neither_model_nor_checkpoint()
    {
        var options = _folder.Options("poisoned", 1) with { Optimizer = new(OptimizerKind.Sgd, 1e60, 0, 0), MaxSteps = 1 };
        var error = Assert.Throws<DivergedException>(() => _folder.Run(options));
        Assert.That(error!.ExitCode, Is.EqualTo(4));
        Assert.That(error.Message, Does.Contain("tensor").And.Contain("--learning-rate"));
        Assert.That(Directory.GetFiles(options.Checkpoints!.Folder, "*.json", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public void A_state_that_is_not_finite_is_never_what_the_run_goes_back_to()
    {
        // The first step is good and saved; the rate of the second, a warm-up's full one, leaves infinities.
        var options = _folder.Options("poisoned", 2) with { Optimizer = new(OptimizerKind.Sgd, 1e39, 0, 0), Schedule = new(ScheduleKind.Constant, WarmupSteps: int.MaxValue) };
        options = options with { Checkpoints = options.Checkpoints! with { Every = TimeSpan.FromSeconds(1) } };
        var log = new RecordingLog();
        Assert.Throws<DivergedException>(() => _folder.Run(options, log));
        Assert.That(log.Notes.Where(n => n.Event == "diverging").Select(n => n.Message), Has.All.Contain("going back to step"));
        foreach (var folder in Directory.GetDirectories(options.Checkpoints!.Folder, "g*"))
            Assert.That(new AiDc.Trainer.Checkpoints.CheckpointStore(options.Checkpoints.Folder, 3, TimeProvider.System, () => "u").Load().Skipped, Is.Empty, folder);
    }

    [Test]
    public void Saves_that_fail_for_a_while_do_not_end_the_run_and_are_made_up_for()
    {
        var options = _folder.Options("hiccup", 2);
        options = options with { Checkpoints = options.Checkpoints! with { Every = TimeSpan.FromSeconds(1) }, Output = Path.Combine(_folder.Root, "model") };
        var (folder, away) = (options.Checkpoints!.Folder, options.Checkpoints.Folder + "-away");
        var log = new RecordingLog
        {
            OnReport = p =>
            {
                if (p is { Phase: TrainingPhase.Training, Step: 4 })
                {
                    Directory.Move(folder, away);
                    File.WriteAllText(folder, "no folder for a while");
                }

                if (p is { Phase: TrainingPhase.Training, Step: 12 })
                {
                    File.Delete(folder);
                    Directory.Move(away, folder);
                }
            },
        };

        _folder.Run(options, log);

        Assert.That(log.Noted("checkpoint-failed"));
        Assert.That(log.Notes.First(n => n.Event == "checkpoint-failed").Message, Does.Contain(folder).And.Contain("goes on"));
        Assert.That(log.Checkpoints[^1].Step, Is.EqualTo(20));
    }

    [Test]
    public void Progress_counts_steps_and_epochs_and_tells_the_accuracy()
    {
        var log = new RecordingLog();
        _folder.Run(_folder.Options("progress"), log);
        var steps = log.Reports.Where(r => r.Phase == TrainingPhase.Training).ToList();
        Assert.That(steps.Select(s => s.Step), Is.EqualTo(Enumerable.Range(1, 20).Select(i => (long)i)));
        Assert.That(steps.Select(s => s.Epoch).Distinct(), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(steps.All(s => s.TotalSteps == 20 && s.Epochs == 2 && s.Metrics["accuracy"] is >= 0 and <= 1));
        Assert.That(steps[^1].Eta, Is.EqualTo(TimeSpan.Zero));
        Assert.That(log.Reports[0].Phase, Is.EqualTo(TrainingPhase.Loading));
    }

    [Test]
    public void The_report_holds_the_figures_that_a_benchmark_wants()
    {
        var options = _folder.Options("report", 1);
        options = options with { Report = Path.Combine(_folder.Root, "out", "report.json") };
        _folder.Run(options);
        using var report = JsonDocument.Parse(File.ReadAllText(options.Report!));
        foreach (var name in new[] { "samplesPerSecond", "firstStepSeconds", "dataWaitShare", "peakMemoryMiB", "testAccuracy" })
            Assert.That(report.RootElement.GetProperty(name).GetDouble(), Is.GreaterThanOrEqualTo(0), name);
        Assert.That(report.RootElement.GetProperty("liveTensorGrowth").ValueKind, Is.EqualTo(JsonValueKind.Null), "a run of 10 steps cannot tell");
    }

    [Test]
    public void No_tensor_stays_behind_over_a_thousand_steps()
    {
        var options = _folder.Options("tensors", epochs: 58) with { BatchSize = 5, Model = new("cnn", true, 0.5), Checkpoints = null, Output = Path.Combine(_folder.Root, "tensors") };
        _folder.Run(options);
        Assert.That(ModelBundle.Read(options.Output).Manifest.Training.LiveTensorGrowth, Is.Zero);
    }

    [Test]
    public void Every_wrong_option_is_named_with_its_fix()
    {
        var o = _folder.Options("wrong");
        var wrong = o with
        {
            Model = new("vgg", false, 1), Epochs = 0, BatchSize = 0, ValidationSplit = 1, Threads = 0,
            Optimizer = new(OptimizerKind.Adam, double.NaN, 0.9, -1), Schedule = new(ScheduleKind.Step, -1, 0, 0),
            EarlyStopping = new(0, -1), Checkpoints = new("x", TimeSpan.Zero, 0, 0),
        };
        var problems = TrainingOptionsValidator.Validate(wrong);
        foreach (var option in new[]
        {
            "--model", "--dropout", "--epochs", "--batch-size", "--validation-split", "--threads", "--learning-rate", "--momentum", "--weight-decay",
            "--warmup-steps", "--step-epochs", "--gamma", "--early-stopping-patience", "--early-stopping-min-delta", "--checkpoint-every", "--checkpoint-keep",
        })
        {
            Assert.That(problems.Count(p => p.StartsWith(option + " ", StringComparison.Ordinal)), Is.EqualTo(1), option);
        }

        Assert.That(TrainingOptionsValidator.Validate(o), Is.Empty);
        Assert.That(TrainingOptionsValidator.Validate(o with { EarlyStopping = new(1, 0) }).Single(), Does.Contain("--validation-split"));
    }

    [Test]
    public void A_checkpoint_folder_that_cannot_be_made_is_named_before_any_training()
    {
        var file = Path.Combine(_folder.Root, "file");
        File.WriteAllText(file, "");
        var options = _folder.Options("x") with { Checkpoints = new(Path.Combine(file, "below"), TimeSpan.FromDays(1), 1, 0) };
        var log = new RecordingLog();
        var error = Assert.Throws<StorageException>(() => _folder.Run(options, log));
        Assert.That(error!.ExitCode, Is.EqualTo(3));
        Assert.That(error!.Message, Does.Contain(file));
        Assert.That(log.Reports, Is.Empty);
    }

    [Test]
    public void Missing_data_is_a_configuration_error_that_names_the_folder()
    {
        var options = _folder.Options("x") with { Data = Path.Combine(_folder.Root, "nowhere") };
        var error = Assert.Catch<TrainerException>(() => _folder.Run(options));
        Assert.That(error!.ExitCode, Is.EqualTo(2));
        Assert.That(error!.Message, Does.Contain("nowhere"));
    }
}
