namespace AiDc.Operator.Coordination;

/// <summary>A worker as the API server knows it: proved by its token and by the live pod, never by what it says of itself.</summary>
public sealed record WorkerIdentity(JobKey Job, int Attempt, int WorkerIndex, string PodName, string PodUid);
