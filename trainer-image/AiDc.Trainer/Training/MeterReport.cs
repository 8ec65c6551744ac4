namespace AiDc.Trainer.Training;

/// <summary>What happened since the report before.</summary>
/// <param name="Loss">Mean of the steps; NaN without any.</param>
/// <param name="SamplesPerSecond">Of all ranks together; 0 before the second step.</param>
/// <param name="StepSeconds">Mean of the steps.</param>
/// <param name="ComputeSeconds">A step without its collectives.</param>
/// <param name="Collectives">Seconds of a step in collectives; null for a run by itself.</param>
public readonly record struct MeterReport(double Loss, double SamplesPerSecond, double StepSeconds, double ComputeSeconds, double? Collectives);
