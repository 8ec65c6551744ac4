namespace AiDc.Operator.Serving.Scaling;

/// <summary>The demand at one moment.</summary>
public readonly record struct RecentDemand(DateTimeOffset At, double Demand);
