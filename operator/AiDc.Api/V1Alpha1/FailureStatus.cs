namespace AiDc.Api.V1Alpha1;

/// <summary>What went wrong, as far as it could be found out.</summary>
public sealed record FailureStatus
{
    /// <summary>The most characters of <see cref="LogTail"/>: what a pod's status keeps.</summary>
    public const int MaxLogTail = 4096;

    /// <summary>The index of the worker that failed first.</summary>
    public int? Worker { get; init; }

    /// <summary>Its pod.</summary>
    public string? Pod { get; init; }

    /// <summary>The node it was on.</summary>
    public string? Node { get; init; }

    /// <summary>The exit code of its worker container.</summary>
    public int? ExitCode { get; init; }

    /// <summary>One word: Error, OOMKilled, Evicted, NodeLost, StartTimeout, …</summary>
    public string? Reason { get; init; }

    /// <summary>What happened, in one sentence.</summary>
    public string? Message { get; init; }

    /// <summary>The last lines of the worker's log, at most 4096 characters.</summary>
    public string? LogTail { get; init; }

    /// <summary>The attempt that failed.</summary>
    public int? Attempt { get; init; }

    /// <summary>The generation of a distributed gang that it was seen in; a later one goes on after it.</summary>
    public long? Generation { get; init; }

    /// <summary>The last step known to be done when it was seen.</summary>
    public long? Step { get; init; }

    /// <summary>When the operator saw it.</summary>
    public DateTimeOffset? DetectedAt { get; init; }

    /// <summary>When training went on: the first step of the generation after it, or, where none is reported, all workers running again.</summary>
    public DateTimeOffset? ResumedAt { get; init; }

    /// <summary>Steps that had been done and were done again.</summary>
    public long? LostSteps { get; init; }
}
