namespace AiDc.Api.V1Alpha1;

/// <summary>A checkpoint that a worker has reported as written.</summary>
public sealed record CheckpointStatus
{
    /// <summary>The attempt that wrote it.</summary>
    public int? Generation { get; init; }

    /// <summary>Steps done in it.</summary>
    public long? Step { get; init; }

    /// <summary>Where it is.</summary>
    public string? Uri { get; init; }

    /// <summary>When it was reported.</summary>
    public DateTimeOffset? At { get; init; }
}
