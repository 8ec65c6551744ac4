using AiDc.Coordination.V1;

namespace AiDc.Operator.Coordination.Board;

/// <summary>
/// From the protocol's messages to ours. What is out of bounds is dropped, field by field: a training whose loss is not a number any more
/// still has a step to tell.
/// </summary>
internal static class WorkerMessages
{
    public static TrainingProgress Read(Progress message, WorkerIdentity worker, DateTimeOffset now) => new()
    {
        Epoch = message.Epoch > 0 ? message.Epoch : null,
        Epochs = message.Epochs > 0 ? message.Epochs : null,
        Step = message.Step >= 0 ? message.Step : null,
        TotalSteps = message.TotalSteps > 0 ? message.TotalSteps : null,
        Loss = message.HasLoss && double.IsFinite(message.Loss) ? message.Loss : null,
        Metrics = ReportLimits.Allowed(message.Metrics),
        SamplesPerSecond = message.HasSamplesPerSecond ? ReportLimits.NotNegative(message.SamplesPerSecond) : null,
        StepSeconds = message.HasStepSeconds ? ReportLimits.NotNegative(message.StepSeconds) : null,
        DataWaitShare = message.HasDataWaitShare ? ReportLimits.NotNegative(message.DataWaitShare) : null,
        StepDone = message.Step > 0 && message.HasStepSeconds,
        WorkerIndex = worker.WorkerIndex,
        UpdatedAt = now,
    };

    public static SavedCheckpoint Read(CheckpointSaved message, DateTimeOffset now) => new(
        message.Generation, message.Step, ReportLimits.Path(message.Path), Math.Max(0, message.Bytes),
        ReportLimits.NotNegative(message.Seconds) ?? 0, now);

    public static FinishedTraining Read(Finished message, DateTimeOffset now) =>
        new(ReportLimits.Path(message.ResultPath), ReportLimits.Allowed(message.Metrics), now);

    public static TrainerPhase Read(Phase phase) => phase switch
    {
        Phase.Loading => TrainerPhase.Loading,
        Phase.Training => TrainerPhase.Training,
        Phase.Validating => TrainerPhase.Validating,
        Phase.Testing => TrainerPhase.Testing,
        _ => TrainerPhase.Unknown,
    };
}
