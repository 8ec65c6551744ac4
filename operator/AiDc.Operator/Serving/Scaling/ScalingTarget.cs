namespace AiDc.Operator.Serving.Scaling;

/// <summary>A measure with the value that is to be kept.</summary>
public sealed record ScalingTarget(ScalingMeasure Measure, double Value);
