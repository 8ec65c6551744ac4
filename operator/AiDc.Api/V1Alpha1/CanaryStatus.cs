using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>How a canary does.</summary>
public sealed record CanaryStatus
{
    /// <summary>The revision that is tried.</summary>
    public string? Revision { get; init; }

    /// <summary>The index of its step, from 0.</summary>
    public int Step { get; init; }

    /// <summary>The share of the requests at that step.</summary>
    public int Percent { get; init; }

    /// <summary>Since when its replicas have been ready and it has got that share; unset before.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The share of its requests at this step that failed, those among them that another replica then answered.</summary>
    public double? ErrorRate { get; init; }

    /// <summary>How many times longer than the stable revision it took for a request: the geometric mean over the blocks of this step.</summary>
    public double? LatencyRatio { get; init; }

    /// <summary>Its answered requests at this step.</summary>
    public long? Samples { get; init; }

    /// <summary>Starting, Progressing, Waiting (for more requests), Promoted or RolledBack.</summary>
    public string? Verdict { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public string? Message { get; init; }

    /// <summary>What the verdict goes by; unset once there is one.</summary>
    public CanaryEvidence? Evidence { get; init; }
}

/// <summary>What was seen of a canary: kept in the status, so that another operator goes on where the one before it stopped.</summary>
public sealed record CanaryEvidence
{
    /// <summary>The most blocks that are kept; then two become one.</summary>
    public const int MaxBlocks = 48;

    /// <summary>Requests that it answered at this step.</summary>
    public long Answered { get; init; }

    /// <summary>Requests that were sent to it at this step and came to an end of any kind.</summary>
    public long Attempts { get; init; }

    /// <summary>Of these, those that failed, whether or not another replica then answered.</summary>
    public long Failed { get; init; }

    /// <summary>Of these, those whose caller left before the answer.</summary>
    public long Left { get; init; }

    /// <summary>The first requests of this step, whose latency does not count: its replicas are new.</summary>
    public long WarmUp { get; init; }

    /// <summary>Requests in a block.</summary>
    [Range(1, int.MaxValue)]
    public int BlockSize { get; init; } = 10;

    /// <summary>Block by block: how many times longer it took for a request than the stable revision did at the same time.</summary>
    [MaxLength(MaxBlocks)]
    public IReadOnlyList<double> Ratios { get; init; } = [];

    /// <summary>The same of the stable revision during the whole trial.</summary>
    public long StableAttempts { get; init; }

    /// <summary>Those of the stable revision that failed.</summary>
    public long StableFailed { get; init; }

    /// <summary>Those of the stable revision whose caller left.</summary>
    public long StableLeft { get; init; }

    /// <summary>For how many blocks of the trial the stable revision's latency is known.</summary>
    public int StableBlocks { get; init; }

    /// <summary>The mean logarithm of its microseconds per request over these.</summary>
    public double StableLogMean { get; init; }

    /// <summary>The sum of squared deviations from it.</summary>
    public double StableLogSquares { get; init; }
}

/// <summary>The values of status.canary.verdict.</summary>
public static class CanaryVerdict
{
    /// <summary>Its replicas load the model; it gets no requests yet.</summary>
    public const string Starting = "Starting";

    /// <summary>It gets its share, and has not had it for long enough.</summary>
    public const string Progressing = "Progressing";

    /// <summary>It had its share for long enough, but too few requests came to judge by.</summary>
    public const string Waiting = "Waiting";

    /// <summary>It did well at every step and is the stable revision now.</summary>
    public const string Promoted = "Promoted";

    /// <summary>It did badly; all requests go to the revision before, and its replicas are gone.</summary>
    public const string RolledBack = "RolledBack";
}
