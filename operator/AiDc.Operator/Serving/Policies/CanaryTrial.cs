using AiDc.Api.V1Alpha1;
using AiDc.Operator.Serving.Demand;

namespace AiDc.Operator.Serving.Policies;

/// <summary>
/// What comes in while a canary is tried, in blocks of requests: the latency of each is compared with what the stable revision needed at the same time,
/// so that what slows both down is not held against one. A block is long enough that the next is hardly like it; when there are many, two
/// become one (batch means with doubling, Fishman and Yarberry, 1997). The first requests of new replicas are left out: a process that has just started
/// compiles and fills its caches.
/// </summary>
/// <param name="Evidence">What is to be recorded; the block that is not full yet is not in it.</param>
public sealed record CanaryTrial(CanaryEvidence Evidence)
{
    /// <summary>Requests that a new replica answers before its latency counts: so many it takes until code that is compiled as it is used has settled.</summary>
    public const int WarmUpPerReplica = 60;

    /// <summary>With fewer requests of the stable revision in a block its latency at that time is not known.</summary>
    private const double FewestOfStable = 5;

    /// <summary>So many deviations of its blocks above its mean is what the stable revision may be taking by now where it gets no requests any more.</summary>
    private const double Doubt = 2;

    /// <summary>For a stable revision that only one block is known of: how much it varies.</summary>
    private const double UnknownSpread = 0.2;

    private ServiceReading Read { get; init; } = ServiceReading.Nothing;

    private Slice Mine { get; init; }

    private Slice Theirs { get; init; }

    /// <summary>Of what was recorded, from now on.</summary>
    public static CanaryTrial Begin(CanaryEvidence? recorded, ServiceReading now) => new(recorded ?? new()) { Read = now };

    /// <summary>The evidence that a step begins with: of the canary none, of the stable revision what the steps before have shown.</summary>
    /// <param name="replicas">Of the canary: new ones and those before are not told apart by what is counted.</param>
    public static CanaryEvidence NextStep(CanaryEvidence? before, int replicas) => (before ?? new()) with
    {
        Answered = 0,
        Attempts = 0,
        Failed = 0,
        Left = 0,
        WarmUp = (long)replicas * WarmUpPerReplica,
        BlockSize = new CanaryEvidence().BlockSize,
        Ratios = [],
    };

    public CanaryTrial Next(ServiceReading now, string canary, string? stable)
    {
        var mine = Since(now, canary);
        var theirs = stable is null ? RevisionReading.Nothing : Since(now, stable);
        var counted = Counted(mine.Completed);
        var next = this with
        {
            Read = now,
            Mine = Mine.And(mine, counted),
            Theirs = Theirs.And(theirs, counted),
            Evidence = Evidence with
            {
                Answered = Evidence.Answered + mine.Completed,
                Attempts = Evidence.Attempts + Attempts(mine),
                Failed = Evidence.Failed + mine.Errors + mine.Retried,
                Left = Evidence.Left + mine.Left,
                StableAttempts = Evidence.StableAttempts + Attempts(theirs),
                StableFailed = Evidence.StableFailed + theirs.Errors + theirs.Retried,
                StableLeft = Evidence.StableLeft + theirs.Left,
            },
        };
        return next.Mine.Requests >= Evidence.BlockSize ? next with { Evidence = Full(next), Mine = default, Theirs = default } : next;
    }

    /// <summary>The part of what came that is no longer warm-up.</summary>
    private double Counted(long came)
    {
        var skipped = Math.Max(0, Evidence.WarmUp - Evidence.Answered);
        return came > skipped ? 1 - ((double)skipped / came) : skipped > 0 ? 0 : 1;
    }

    private static CanaryEvidence Full(CanaryTrial trial)
    {
        var evidence = trial.Evidence;
        if (trial.Theirs.Requests >= FewestOfStable) evidence = WithStable(evidence, trial.Theirs.LogMean);
        else if (evidence.StableBlocks == 0) return evidence;
        // Without the stable revision at the same time it is only known how it was before, and how much that varied. All blocks would err together.
        var expected = trial.Theirs.Requests >= FewestOfStable ? trial.Theirs.LogMean : evidence.StableLogMean + (Doubt * Spread(evidence));
        List<double> ratios = [.. evidence.Ratios, Math.Round(Math.Exp(trial.Mine.LogMean - expected), 4)];
        return ratios.Count < CanaryEvidence.MaxBlocks
            ? evidence with { Ratios = ratios }
            : evidence with { Ratios = [.. ratios.Chunk(2).Select(two => Math.Round(Math.Sqrt(two[0] * two[^1]), 4))], BlockSize = 2 * evidence.BlockSize };
    }

    /// <summary>The mean and the squares go on as they come (Welford, 1962).</summary>
    private static CanaryEvidence WithStable(CanaryEvidence evidence, double log)
    {
        var away = log - evidence.StableLogMean;
        var mean = evidence.StableLogMean + (away / (evidence.StableBlocks + 1));
        return evidence with
        {
            StableBlocks = evidence.StableBlocks + 1,
            StableLogMean = Math.Round(mean, 6),
            StableLogSquares = Math.Round(evidence.StableLogSquares + (away * (log - mean)), 6),
        };
    }

    private static double Spread(CanaryEvidence evidence) =>
        evidence.StableBlocks > 1 ? Math.Sqrt(Math.Max(0, evidence.StableLogSquares) / (evidence.StableBlocks - 1)) : UnknownSpread;

    private RevisionReading Since(ServiceReading now, string revision) => now.Revisions.TryGetValue(revision, out var reading)
        ? reading.Since(Read.Revisions.GetValueOrDefault(revision) ?? RevisionReading.Nothing)
        : RevisionReading.Nothing;

    private static long Attempts(RevisionReading reading) => reading.Completed + reading.Retried + reading.Left;

    /// <summary>
    /// Requests of one revision that were answered. By the mean of their logarithms: that of the times is the mean of a few slow ones. Those whose caller left are
    /// judged by their number.
    /// </summary>
    private readonly record struct Slice(double Requests, double Seconds, double Logs)
    {
        private const double Microseconds = 1e6;

        /// <summary>Of microseconds. Gateways of an earlier version tell sums of times only.</summary>
        public double LogMean => Logs > 0 ? Logs / Requests : Math.Log(Math.Max(1, Microseconds * Seconds / Requests));

        public Slice And(RevisionReading more, double share) => new(
            Requests + (share * more.Completed), Seconds + (share * more.ServiceSeconds), Logs + (share * more.LogMicroseconds));
    }
}
