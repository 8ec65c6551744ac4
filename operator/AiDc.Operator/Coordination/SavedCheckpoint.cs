namespace AiDc.Operator.Coordination;

/// <summary>A checkpoint that a worker has written whole. <paramref name="Path"/> is as the worker sees it; <paramref name="Seconds"/> is how long the writing took.</summary>
public sealed record SavedCheckpoint(int Generation, long Step, string Path, long Bytes, double Seconds, DateTimeOffset At);
