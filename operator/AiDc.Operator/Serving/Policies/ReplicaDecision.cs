namespace AiDc.Operator.Serving.Policies;

/// <summary>How many replicas a service is to have, and why.</summary>
public sealed record ReplicaDecision(int Replicas, string Why);
