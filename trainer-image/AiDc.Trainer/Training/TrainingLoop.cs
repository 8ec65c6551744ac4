using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Data;
using AiDc.Trainer.Evaluation;
using TorchSharp;

namespace AiDc.Trainer.Training;

/// <summary>The epochs and steps of a run, with what happens between two steps: report, checkpoint, stop.</summary>
internal sealed class TrainingLoop(
    TrainingOptions options,
    TrainerServices services,
    TrainingRun run,
    BatchLoader loader,
    BatchLoader? validation,
    IReadOnlyList<string> classes,
    CheckpointWriter? writer,
    TrainingMeter meter,
    torch.Device device)
{
    /// <summary>Often enough for a progress bar, seldom enough to cost nothing.</summary>
    public static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(250);

    private readonly long _stepsPerEpoch = loader.BatchesPerEpoch;
    private readonly long _totalSteps = (long)loader.BatchesPerEpoch * options.Epochs;
    private long _checkpointAt = services.Time.GetTimestamp();
    private (long Step, int Epoch) _checkpointed;

    private bool Ended => run.Epoch >= options.Epochs || (options.EarlyStopping is { } stopping && run.EarlyStopping.ShouldStop(stopping));

    /// <summary>Trains from the run's position to its end and leaves the last state in a checkpoint.</summary>
    public void Run()
    {
        _checkpointed = (run.Step, run.Epoch);
        try
        {
            while (!Ended)
            {
                TrainEpoch();
                CompleteEpoch();
            }
        }
        catch (OperationCanceledException)
        {
            // In the middle of a validation, which is done again: the epoch's steps are what must not be lost.
            StopIfAsked();
            throw;
        }

        Checkpoint(wait: true);
    }

    private void TrainEpoch()
    {
        meter.Resume();
        var waited = loader.WaitTime;
        foreach (var batch in loader.Epoch(run.Epoch, run.BatchInEpoch))
        {
            var now = loader.WaitTime;
            var rate = LearningRateSchedule.At(options.Schedule, options.Optimizer.LearningRate, run.Step, _stepsPerEpoch, _totalSteps);
            var loss = run.Train(batch, rate);
            meter.AfterStep(batch.Indices.Length, loss, now - waited, torch.Tensor.TotalCount);
            waited = now;
            BetweenSteps();
        }

        meter.Pause();
    }

    private void BetweenSteps()
    {
        writer?.ThrowIfFailed();
        if (meter.Steps == 1 || meter.SinceReport >= ReportEvery) Report(TrainingPhase.Training);
        StopIfAsked();
        if (options.Checkpoints is { } checkpoints && writer is { Busy: false } && services.Time.GetElapsedTime(_checkpointAt) >= checkpoints.Every)
            Checkpoint(wait: false);
    }

    private void CompleteEpoch()
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["trainLoss"] = run.Sums.MeanLoss,
            ["trainAccuracy"] = run.Sums.Accuracy,
        };
        double? validationLoss = null;
        if (validation is not null)
        {
            Report(TrainingPhase.Validating);
            var result = Evaluator.Run(run.Model, validation, classes, device, services.Stop.Token);
            validationLoss = result.MeanLoss;
            (metrics["validationLoss"], metrics["validationAccuracy"]) = (result.MeanLoss, result.Accuracy);
        }

        run.CompleteEpoch(metrics, validationLoss, options.EarlyStopping);
        var rate = LearningRateSchedule.At(options.Schedule, options.Optimizer.LearningRate, run.Step - 1, _stepsPerEpoch, _totalSteps);
        services.Log.EpochEnded(new(run.Epoch, options.Epochs, run.Step, rate, metrics));
    }

    private void StopIfAsked()
    {
        if (!services.Stop.Requested) return;
        services.Log.Note(new("info", "stopping", $"asked to stop at step {run.Step}{(writer is null ? "" : "; writing a checkpoint")}"));
        Checkpoint(wait: true);
        services.Stop.ThrowIfRequested();
    }

    private void Checkpoint(bool wait)
    {
        if (writer is null) return;
        if (_checkpointed != (run.Step, run.Epoch))
        {
            var started = services.Time.GetTimestamp();
            writer.Write(run.Snapshot());
            meter.AfterCheckpointCopy(services.Time.GetElapsedTime(started));
            _checkpointed = (run.Step, run.Epoch);
        }

        _checkpointAt = services.Time.GetTimestamp();
        if (wait) writer.Wait();
    }

    private void Report(TrainingPhase phase)
    {
        var (loss, samplesPerSecond, stepSeconds) = meter.TakeReport();
        var metrics = new SortedDictionary<string, double>(run.Metrics.Where(m => m.Key.StartsWith("validation", StringComparison.Ordinal)).ToDictionary(), StringComparer.Ordinal);
        if (run.Sums.Samples > 0) metrics["accuracy"] = run.Sums.Accuracy;
        TimeSpan? eta = meter.StepSeconds > 0 ? TimeSpan.FromSeconds((_totalSteps - run.Step) * meter.StepSeconds) : null;
        services.Log.Report(new(
            phase, run.Epoch + 1, options.Epochs, run.Step, _totalSteps, loss, metrics, samplesPerSecond, stepSeconds, meter.DataWaitShare, eta));
    }
}
