namespace AiDc.Operator.Serving.Scaling;

/// <summary>How many replicas there are to be, and what that was decided on.</summary>
public sealed record ScaleDecision(int Replicas, string Why);
