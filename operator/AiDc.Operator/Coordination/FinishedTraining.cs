namespace AiDc.Operator.Coordination;

/// <summary>The end of a training. <paramref name="ResultPath"/> is the bundle as the worker sees it.</summary>
public sealed record FinishedTraining(string ResultPath, IReadOnlyDictionary<string, double> Metrics, DateTimeOffset At);
