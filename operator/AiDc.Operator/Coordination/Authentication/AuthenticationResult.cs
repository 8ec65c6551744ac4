namespace AiDc.Operator.Coordination.Authentication;

/// <summary>Either a worker, or why not. <paramref name="Unavailable"/>: it could not be found out now; the caller should ask again.</summary>
internal sealed record AuthenticationResult(WorkerIdentity? Worker, string? Problem, bool Unavailable = false);
