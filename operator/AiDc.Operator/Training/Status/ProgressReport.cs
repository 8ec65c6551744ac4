using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Coordination;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Status;

/// <summary>Enters what the workers reported: status.progress, .checkpoint and .firstStepTime.</summary>
public static class ProgressReport
{
    public static TrainingJobStatus Enter(JobView view, TrainingJobStatus status)
    {
        // What an earlier attempt reported is history, and the record already has it.
        var heard = view.Snapshot.Progress is { } progress && progress.Attempt == status.Attempt ? progress : null;
        return status with
        {
            Progress = Speedless(view, heard?.Training is { } training ? Of(training, status.Progress) : status.Progress),
            FirstStepTime = status.FirstStepTime ?? (heard?.FirstStepAt is { } at ? Times.Milliseconds(at) : null),
            Checkpoint = heard?.Checkpoint is { } checkpoint ? Of(view, checkpoint) : status.Checkpoint,
        };
    }

    private static ProgressStatus Of(TrainingProgress training, ProgressStatus? before) => new()
    {
        Summary = ProgressStatus.Summarize(training.Epoch, training.Epochs, training.Step, training.TotalSteps),
        Epoch = training.Epoch,
        Epochs = training.Epochs,
        Step = training.Step,
        TotalSteps = training.TotalSteps,
        Loss = training.Loss,
        Metrics = training.Metrics.Count > 0 ? training.Metrics : null,
        SamplesPerSecond = training.SamplesPerSecond,
        Eta = Eta(training, before),
        UpdatedAt = Times.Milliseconds(training.UpdatedAt),
    };

    /// <summary>A gang that does not run has no speed and no end in sight.</summary>
    private static ProgressStatus? Speedless(JobView view, ProgressStatus? progress) =>
        progress is null || (view.IsWhollyUp && !view.IsFinished && !view.IsSuspended)
            ? progress
            : progress with { Eta = null, SamplesPerSecond = null };

    private static string? Eta(TrainingProgress training, ProgressStatus? before)
    {
        if (training is not { Step: { } step, TotalSteps: { } total }) return null;
        var seconds = training.StepSeconds ?? StepSeconds(step, training.UpdatedAt, before);
        if (seconds is null) return before?.Step == step ? before.Eta : null;
        var left = Math.Max(0, total - step) * seconds.Value;
        return left < TimeSpan.MaxValue.TotalSeconds / 2 ? GoDuration.Format(TimeSpan.FromSeconds(Math.Round(left))) : null;
    }

    /// <summary>From the report before, for a worker that does not say how long its steps take.</summary>
    private static double? StepSeconds(long step, DateTimeOffset at, ProgressStatus? before) =>
        before is { Step: { } earlier, UpdatedAt: { } since } && step > earlier && at > since
            ? (at - since).TotalSeconds / (step - earlier)
            : null;

    private static CheckpointStatus Of(JobView view, SavedCheckpoint checkpoint) => new()
    {
        Generation = checkpoint.Generation,
        Step = checkpoint.Step,
        Uri = CheckpointPath.ToUri(view.Spec, checkpoint.Path),
        At = Times.Milliseconds(checkpoint.At),
    };
}
