using System.Globalization;
using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Serving.Policies;

/// <summary>
/// What a canary is judged by at a step. It is given up where the evidence is beyond chance: of the canaries that keep to the limits, or do no worse than the
/// stable revision, at most <see cref="FalseAlarms"/> are, over all looks at all steps.
/// </summary>
public sealed class CanaryFigures(CanaryEvidence seen, CanaryAnalysisSpec analysis)
{
    /// <summary>One in a hundred, shared out over what it is judged by.</summary>
    public const double FalseAlarms = OfLatency + OfFailures + OfLeaving;

    private const double OfLatency = 0.0075;
    private const double OfFailures = 0.002;
    private const double OfLeaving = 0.0005;

    /// <summary>Two standard deviations (Wilson, 1927).</summary>
    private const double Wide = 2;

    public long Samples => seen.Answered;

    /// <summary>How many answers it takes to judge: those that the spec asks for, after the warm-up.</summary>
    public long Needed => analysis.MinSamples + seen.WarmUp;

    public double? ErrorRate => Share(seen.Failed, seen.Attempts);

    public double? LatencyRatio => seen.Ratios.Count > 0 ? Math.Exp(seen.Ratios.Average(Math.Log)) : null;

    /// <summary>What is wrong with it beyond chance; null for nothing.</summary>
    public string? Failure =>
        SequentialTests.OfRate(seen.Failed, seen.Attempts, FailureLimit) >= Threshold(OfFailures) ? TooManyFail
        : SequentialTests.OfRate(seen.Left, seen.Attempts, LeftLimit) >= Threshold(OfLeaving) ? TooManyLeave
        : IsStillSlow && SequentialTests.OfMean(seen.Ratios, analysis.MaxLatencyRatio) >= Threshold(OfLatency) ? TooSlow
        : null;

    /// <summary>What looks wrong and may be chance: more requests will tell.</summary>
    public string? Doubt =>
        ErrorRate > FailureLimit ? TooManyFail
        : Share(seen.Left, seen.Attempts) > LeftLimit ? TooManyLeave
        : LatencyRatio > analysis.MaxLatencyRatio ? TooSlow
        : null;

    public string Summary =>
        $"{Failures}{(LatencyRatio is { } ratio ? string.Create(CultureInfo.InvariantCulture, $", they took {ratio:0.##} times as long") : "")}";

    /// <summary>Also in the later half of its blocks: what was slow at first and no longer is, has been warming up.</summary>
    private bool IsStillSlow => seen.Ratios.Skip(seen.Ratios.Count / 2).Sum(r => Math.Log(r / analysis.MaxLatencyRatio)) > 0;

    /// <summary>A canary need not do better than the stable revision does.</summary>
    private double FailureLimit => Limit(seen.StableFailed);

    private double LeftLimit => Limit(seen.StableLeft);

    private string Failures => $"{seen.Failed} of {seen.Attempts} requests failed";

    private string TooManyFail => string.Create(CultureInfo.InvariantCulture,
        $"{Failures}, more than the {analysis.MaxErrorRate:0.####} of canary.analysis.maxErrorRate{OfStable(seen.StableFailed, "failed")}");

    private string TooManyLeave => string.Create(CultureInfo.InvariantCulture,
        $"the callers of {seen.Left} of {seen.Attempts} requests left before the answer, more than the {analysis.MaxErrorRate:0.####} of canary.analysis.maxErrorRate{OfStable(seen.StableLeft, "were left")}");

    private string TooSlow => string.Create(CultureInfo.InvariantCulture,
        $"requests took {LatencyRatio:0.##} times as long as those of the stable revision, more than the {analysis.MaxLatencyRatio:0.##} of canary.analysis.maxLatencyRatio ({seen.Answered} requests)");

    /// <summary>An error of the whole trial is shared out over its steps (Bonferroni), since each begins anew.</summary>
    private double Threshold(double error) => Math.Log(analysis.Steps.Count / error);

    private double Limit(long ofStable)
    {
        var n = seen.StableAttempts;
        if (n == 0 || (double)ofStable / n <= analysis.MaxErrorRate) return analysis.MaxErrorRate;
        var (share, square) = ((double)ofStable / n, Wide * Wide / n);
        return Math.Min(1, (share + (square / 2) + (Wide * Math.Sqrt((share * (1 - share) / n) + (square / n / 4)))) / (1 + square));
    }

    private string OfStable(long count, string what) =>
        count > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({count} of {seen.StableAttempts} of the stable revision {what})") : "";

    private static double? Share(long part, long all) => all > 0 ? (double)part / all : null;
}
