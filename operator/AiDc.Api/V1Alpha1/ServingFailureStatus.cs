namespace AiDc.Api.V1Alpha1;

/// <summary>A replica that ended, or could not start.</summary>
public sealed record ServingFailureStatus
{
    /// <summary>Its pod.</summary>
    public string? Pod { get; init; }

    /// <summary>Its revision.</summary>
    public string? Revision { get; init; }

    /// <summary>The node it was on.</summary>
    public string? Node { get; init; }

    /// <summary>The exit code of its server.</summary>
    public int? ExitCode { get; init; }

    /// <summary>One word: Error, OOMKilled, ImagePull, Unschedulable, NodeLost, …</summary>
    public string? Reason { get; init; }

    /// <summary>What happened, in one sentence.</summary>
    public string? Message { get; init; }

    /// <summary>The last lines of the server's log, at most 4096 characters.</summary>
    public string? LogTail { get; init; }

    /// <summary>When the operator saw it.</summary>
    public DateTimeOffset? DetectedAt { get; init; }
}
