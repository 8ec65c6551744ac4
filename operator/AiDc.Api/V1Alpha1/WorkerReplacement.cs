namespace AiDc.Api.V1Alpha1;

/// <summary>A worker of a distributed gang that got a new pod within the attempt.</summary>
public sealed record WorkerReplacement
{
    /// <summary>The worker's index.</summary>
    public int Index { get; init; }

    /// <summary>Which of its pods counts: 1 is the first replacement. Earlier ones are deleted.</summary>
    public int Incarnation { get; init; }

    /// <summary>Why the pod before was replaced, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>How many of its pods in a row failed; the wait before the next one doubles with each. A long healthy run ends the row.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>The new pod is not created before; left out for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}
