using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>A new model that gets a growing share of the requests while it does well, and is given up when it does not.</summary>
public sealed record CanarySpec
{
    /// <summary>
    /// The model to try next to spec.model. Once promoted it serves all requests; move it to spec.model then, or later. Left out with model.follow, where
    /// each new result of the training job is tried.
    /// </summary>
    public ServedModelSpec? Model { get; init; }

    /// <summary>When it takes the next step, and when it is given up.</summary>
    public CanaryAnalysisSpec Analysis { get; init; } = new();
}

/// <summary>When a canary takes its next step, and when it is given up.</summary>
[Rule("self.steps[self.steps.size() - 1] == 100", "canary.analysis.steps has to end with 100, the share after which the canary is promoted")]
public sealed record CanaryAnalysisSpec
{
    /// <summary>The highest share of its requests that may fail (status 5xx, timeouts, broken connections, also where another replica then answers), and whose callers may leave.</summary>
    [Range(0.0, 1.0)]
    public double MaxErrorRate { get; init; } = 0.01;

    /// <summary>How many times longer than the present revision it may take for a request, by the geometric means.</summary>
    [Range(0.0, 1000), ExclusiveMinimum(0)]
    public double MaxLatencyRatio { get; init; } = 1.2;

    /// <summary>The least time at each step.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string Interval { get; init; } = "30s";

    /// <summary>The least number of answered requests of the canary at each step, beyond the first 60 for each of its replicas; with fewer it gets more time.</summary>
    [Range(1, 10_000_000)]
    public int MinSamples { get; init; } = 100;

    /// <summary>The shares of the requests in percent, rising; the last is 100. After the last one's analysis the canary is promoted.</summary>
    [MinLength(1), MaxLength(20), ItemRange(1, 100)]
    public IReadOnlyList<int> Steps { get; init; } = [10, 50, 100];
}
