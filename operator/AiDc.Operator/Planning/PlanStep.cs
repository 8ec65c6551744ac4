namespace AiDc.Operator.Planning;

/// <summary>One thing to do in the cluster. Steps are safe to repeat: each names exactly what it is about.</summary>
public abstract record PlanStep;
