namespace AiDc.Operator.Serving.Scaling;

/// <summary>How many replicas a service should have by its load.</summary>
/// <param name="Replicas">Not bounded by the spec yet.</param>
/// <param name="Why">What it was decided on, for status.decisions.</param>
public sealed record ScaleAdvice(int Replicas, string Why);
