namespace AiDc.Api.V1Alpha1;

/// <summary>One worker.</summary>
public sealed record WorkerMember
{
    /// <summary>Its index, from 0.</summary>
    public int Index { get; init; }

    /// <summary>The name of its pod.</summary>
    public string? Pod { get; init; }

    /// <summary>The node that the pod is on, once it is.</summary>
    public string? Node { get; init; }

    /// <summary>The phase of the pod.</summary>
    public string? Phase { get; init; }
}
