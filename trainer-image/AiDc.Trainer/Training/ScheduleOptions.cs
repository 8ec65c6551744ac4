namespace AiDc.Trainer.Training;

/// <param name="WarmupSteps">Steps over which the rate rises linearly to its full value; 0 for none.</param>
/// <param name="StepEpochs">Epochs between two reductions, for step.</param>
/// <param name="Gamma">Factor of a reduction, in (0, 1], for step and exponential.</param>
public sealed record ScheduleOptions(ScheduleKind Kind, int WarmupSteps = 0, int StepEpochs = 1, double Gamma = 0.1);
