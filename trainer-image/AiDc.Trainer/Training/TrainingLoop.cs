using System.Globalization;
using AiDc.Api;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Evaluation;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Reporting;
using TorchSharp;

namespace AiDc.Trainer.Training;

/// <summary>The epochs and steps of a run, with what happens between two steps: report, checkpoint, stop.</summary>
internal sealed class TrainingLoop(
    TrainingOptions options,
    TrainerServices services,
    TrainingRun run,
    TrainingData data,
    IRankGroups groups,
    StepRunner steps,
    CheckpointSaver saver,
    TrainingMeter meter,
    torch.Device device)
{
    /// <summary>Often enough for a progress bar, seldom enough to cost nothing.</summary>
    public static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(250);

    private readonly long _stepsPerEpoch = steps.StepsPerEpoch;
    private readonly long _totalSteps = Math.Min(steps.StepsPerEpoch * options.Epochs, options.MaxSteps ?? long.MaxValue);

    private bool OutOfSteps => run.Step >= options.MaxSteps;

    private bool Ended => OutOfSteps || run.Epoch >= options.Epochs || (options.EarlyStopping is { } stopping && run.EarlyStopping.ShouldStop(stopping));

    /// <summary>Trains in that group from the run's position to its end and leaves the last state in a checkpoint.</summary>
    /// <exception cref="StoppedException">It was asked to stop; a checkpoint was written.</exception>
    /// <exception cref="NotFiniteException">The loss, the gradient or the state became not finite.</exception>
    /// <exception cref="Distributed.Collectives.CollectiveException">The group is gone; the run is at its last committed step.</exception>
    public void Run(RankGroup group)
    {
        try
        {
            while (!Ended)
            {
                TrainEpoch(group);
                if (run.BatchInEpoch < _stepsPerEpoch) break;
                CompleteEpoch(group);
            }
        }
        catch (OperationCanceledException)
        {
            // In the middle of a validation, which is done again: the epoch's steps are what must not be lost.
            if (services.Stop.Requested) Stop(group);
            throw;
        }
        finally
        {
            meter.Pause();
        }

        // Nobody has computed with what the last step left. All ranks have the same bits, and so the same answer.
        if (run.Snapshot().NotFinite() is { } tensor) throw new NotFiniteException(run.Step, $"tensor {tensor} became infinite or not a number");
        if (group.IsFirst) saver.Save(run, wait: true);
    }

    private void TrainEpoch(RankGroup group)
    {
        meter.Resume();
        using var epoch = steps.Begin(run, group);
        while (run.BatchInEpoch < _stepsPerEpoch && !OutOfSteps)
        {
            var rate = LearningRateSchedule.At(options.Schedule, options.Optimizer.LearningRate, run.Step, _stepsPerEpoch, _totalSteps);
            var figures = epoch.Step(rate, services.Stop.Requested, saver.Poisoned);
            groups.Committed(group, run.Position);
            BetweenSteps(group, figures);
        }

        meter.Pause();
    }

    private void BetweenSteps(RankGroup group, StepFigures figures)
    {
        if (meter.Steps == 1 || meter.SinceReport >= ReportEvery) Report(TrainingPhase.Training);
        // A group ends together, so that nobody is left waiting for a peer: the wish travels with the gradients.
        if (group.Size == 1 ? services.Stop.Requested : group.EndsWith(figures.Stopping)) Stop(group);
        if (!group.IsFirst) return;
        if (services.Stop.Requested) saver.SaveOnLeaving(run);
        else saver.SaveIfDue(run);
    }

    private void CompleteEpoch(RankGroup group)
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["trainLoss"] = run.Sums.MeanLoss,
            ["trainAccuracy"] = run.Sums.Accuracy,
        };
        double? validationLoss = null;
        group.Enter();
        if (data.ValidationIndices.Length > 0)
        {
            Report(TrainingPhase.Validating);
            var result = GroupEvaluator.Run(run.Model, data.Images.Train, data.ValidationIndices, data.Normalization, group, device, services.Stop.Token);
            validationLoss = result.MeanLoss;
            if (!double.IsFinite(result.MeanLoss))
                services.Log.Note(new("warning", "validation-not-finite", $"the validation loss of epoch {run.Epoch + 1} is {result.MeanLoss.ToString(CultureInfo.InvariantCulture)}: it counts as no improvement"));
            (metrics["validationLoss"], metrics["validationAccuracy"]) = (result.MeanLoss, result.Accuracy);
        }

        run.CompleteEpoch(metrics, validationLoss, options.EarlyStopping);
        groups.Done(group, run.Position);
        var rate = LearningRateSchedule.At(options.Schedule, options.Optimizer.LearningRate, run.Step - 1, _stepsPerEpoch, _totalSteps);
        services.Log.EpochEnded(new(run.Epoch, options.Epochs, run.Step, rate, run.Metrics));
    }

    private void Stop(RankGroup group)
    {
        services.Log.Note(new("info", "stopping", $"asked to stop at step {run.Step}{(saver.Writes && group.IsFirst ? "; writing a checkpoint" : "")}"));
        if (group.IsFirst) saver.Save(run, wait: true);
        throw new StoppedException(services.Stop.Requested ? services.Stop.ExitCode : ExitCodes.Terminated);
    }

    private void Report(TrainingPhase phase)
    {
        var report = meter.TakeReport();
        var metrics = new SortedDictionary<string, double>(run.Metrics.Where(m => m.Key.StartsWith("validation", StringComparison.Ordinal)).ToDictionary(), StringComparer.Ordinal);
        if (run.Sums.Samples > 0) metrics["accuracy"] = run.Sums.Accuracy;
        if (meter.Rollbacks > 0) metrics["rollbacks"] = meter.Rollbacks;
        if (report.Collectives is { } collectives) (metrics["computeSeconds"], metrics["collectiveSeconds"]) = (report.ComputeSeconds, collectives);
        TimeSpan? eta = meter.StepSeconds > 0 ? TimeSpan.FromSeconds((_totalSteps - run.Step) * meter.StepSeconds) : null;
        services.Log.Report(new(
            phase, run.Epoch + 1, options.Epochs, run.Step, _totalSteps, report.Loss, metrics, report.SamplesPerSecond, report.StepSeconds, meter.DataWaitShare, eta));
    }
}
