namespace AiDc.Operator.Serving.Scaling;

/// <summary>What the autoscaler is told at a tick.</summary>
public sealed record AutoscalerInput
{
    public required ScalingSettings Settings { get; init; }

    /// <summary>None: the load is not known, which is not the same as no load.</summary>
    public LoadSample? Sample { get; init; }

    /// <summary>Replicas that serve.</summary>
    public int Ready { get; init; }

    /// <summary>Replicas that will serve once they have started.</summary>
    public int Starting { get; init; }
}
