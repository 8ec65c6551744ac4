using AiDc.Trainer.Reporting;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Tests.Training;

/// <summary>A run that was stopped and continued equals one that was not, to the last bit.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ResumeTests : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(10)]
    [TestCase(13)]
    public void A_stopped_run_goes_on_as_if_nothing_had_been_with_dropout_and_batch_norm(int stopAt)
    {
        var straight = _folder.Options("straight") with { Model = new("cnn", BatchNorm: true, Dropout: 0.5) };
        var stopped = _folder.Options("stopped") with { Model = new("cnn", BatchNorm: true, Dropout: 0.5) };
        var expected = _folder.Run(straight);

        _folder.RunUntil(stopped, stopAt);
        Assert.That(File.Exists(Path.Combine(stopped.Output, "model.json")), Is.False);
        var log = new RecordingLog();
        var resumed = _folder.Run(stopped, log);

        Assert.That(RunFolder.Weights(stopped), Is.EqualTo(RunFolder.Weights(straight)));
        Assert.That(resumed.Metrics, Is.EqualTo(expected.Metrics));
        Assert.That(log.Notes.Single(n => n.Event == "resumed").Message, Does.Contain($"at step {stopAt} "));
        Assert.That(log.Reports.First(r => r.Phase == TrainingPhase.Training).Step, Is.EqualTo(stopAt + 1), "a step was done twice or not at all");
    }

    [Test]
    public void Stopping_again_and_again_changes_nothing_with_momentum_a_schedule_and_early_stopping()
    {
        var changed = new Func<TrainingOptions, TrainingOptions>(o => o with
        {
            Optimizer = new(OptimizerKind.Sgd, 0.05, Momentum: 0.9, WeightDecay: 0.001),
            Schedule = new(ScheduleKind.Cosine, WarmupSteps: 4),
            ValidationSplit = 0.2,
            EarlyStopping = new(3, 0),
        });
        var straight = changed(_folder.Options("straight", epochs: 3));
        var stopped = changed(_folder.Options("stopped", epochs: 3));
        var expected = _folder.Run(straight);

        foreach (var step in new[] { 3, 8, 11, 20 }) _folder.RunUntil(stopped, step);
        var resumed = _folder.Run(stopped);

        Assert.That(RunFolder.Weights(stopped), Is.EqualTo(RunFolder.Weights(straight)));
        Assert.That(resumed.Metrics, Is.EqualTo(expected.Metrics));
    }

    [TestCase(TrainingPhase.Validating, 8)]
    [TestCase(TrainingPhase.Testing, 16)]
    public void Stopped_while_it_evaluates_it_loses_no_step(TrainingPhase phase, int step)
    {
        var straight = _folder.Options("straight") with { ValidationSplit = 0.2 };
        var stopped = _folder.Options("stopped") with { ValidationSplit = 0.2 };
        var expected = _folder.Run(straight);

        _folder.RunUntil(stopped, step, phase);
        var log = new RecordingLog();
        var resumed = _folder.Run(stopped, log);

        Assert.That(RunFolder.Weights(stopped), Is.EqualTo(RunFolder.Weights(straight)));
        Assert.That(resumed.Metrics, Is.EqualTo(expected.Metrics));
        Assert.That(log.Reports.Where(r => r.Phase == TrainingPhase.Training).All(r => r.Step > step));
    }

    [Test]
    public void Writing_checkpoints_all_the_time_changes_nothing()
    {
        var seldom = _folder.Options("seldom");
        var often = _folder.Options("often");
        often = often with { Checkpoints = often.Checkpoints! with { Every = TimeSpan.FromSeconds(1), Keep = 2 } };
        _folder.Run(seldom);
        var log = new RecordingLog();
        _folder.Run(often, log);

        Assert.That(RunFolder.Weights(often), Is.EqualTo(RunFolder.Weights(seldom)));
        Assert.That(log.Checkpoints, Has.Count.GreaterThan(3));
        Assert.That(Directory.GetDirectories(often.Checkpoints!.Folder, "g*"), Has.Length.EqualTo(2));
    }

    [Test]
    public void More_epochs_continue_the_run()
    {
        var options = _folder.Options("longer");
        _folder.Run(options);
        var log = new RecordingLog();
        _folder.Run(options with { Epochs = 3 }, log);
        Assert.That(log.Epochs.Select(e => e.Epoch), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public void A_checkpoint_of_another_model_is_refused_with_the_difference_and_the_fix()
    {
        var options = _folder.Options("other");
        _folder.RunUntil(options, 3);
        var error = Assert.Throws<ConfigurationException>(() => _folder.Run(options with { Model = new("cifar-cnn", false, 0.25) }));
        Assert.That(error!.Message, Does.Contain("model cnn for 1x12x12").And.Contain("cifar-cnn").And.Contain("--checkpoint-dir"));
        error = Assert.Throws<ConfigurationException>(() => _folder.Run(options with { BatchSize = 20 }));
        Assert.That(error!.Message, Does.Contain("--batch-size 20"));
        error = Assert.Throws<ConfigurationException>(() => _folder.Run(options with { Seed = 8 }));
        Assert.That(error!.Message, Does.Contain("--seed 8"));
    }

    [Test]
    public void A_damaged_checkpoint_is_skipped_for_the_one_before_and_named()
    {
        var straight = _folder.Options("straight");
        var damaged = _folder.Options("damaged");
        _folder.Run(straight);
        _folder.RunUntil(damaged, 4);
        _folder.RunUntil(damaged, 9);
        var newest = Directory.GetDirectories(damaged.Checkpoints!.Folder, "g0-s9-*").Single();
        var file = Path.Combine(newest, "optimizer.safetensors");
        var bytes = File.ReadAllBytes(file);
        bytes[^5] ^= 1;
        File.WriteAllBytes(file, bytes);

        var log = new RecordingLog();
        _folder.Run(damaged, log);

        Assert.That(log.Notes.Single(n => n.Event == "checkpoint-skipped").Message, Does.Contain(file).And.Contain("SHA-256"));
        Assert.That(log.Notes.Single(n => n.Event == "resumed").Message, Does.Contain("at step 4 "));
        Assert.That(RunFolder.Weights(damaged), Is.EqualTo(RunFolder.Weights(straight)));
    }

    [Test]
    public void A_restart_of_a_finished_run_says_its_result_again_without_training()
    {
        var options = _folder.Options("finished");
        var first = _folder.Run(options);
        Directory.Delete(_folder.Data, recursive: true);
        var log = new RecordingLog();
        var termination = Path.Combine(_folder.Root, "termination-log");
        var second = _folder.Run(options, log, terminationLog: termination);
        Assert.That(second.Metrics, Is.EqualTo(first.Metrics));
        Assert.That(log.Results.Single().Path, Is.EqualTo(options.Output));
        Assert.That(File.ReadAllText(termination), Does.StartWith("{\"result\":{\"uri\":").And.Contain("testAccuracy"));
    }
}
