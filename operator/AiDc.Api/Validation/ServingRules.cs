using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Api.Validation;

/// <summary>What the fields of a service apart from its model ask of each other: the CEL rules of its types, said for every server, and more.</summary>
internal static class ServingRules
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromDays(1);

    public static void Check(InferenceServiceSpec spec, bool isOwnServer, Errors errors)
    {
        if (spec.Scaling is { } scaling)
            CheckScaling(scaling, "spec.scaling", errors);
        CheckTimes(spec, errors);
        if (spec.Rollout is { MaxSurge: 0, MaxUnavailable: 0 })
            errors.Add("spec.rollout", "has maxSurge and maxUnavailable both 0, and then no replica can be replaced", "set one of them to 1 or more");
        if (spec.Canary?.Analysis is { } analysis)
            CheckSteps(analysis, "spec.canary.analysis.steps", errors);
        if (spec.RateLimit is { Burst: not null, RequestsPerSecond: null })
            errors.Add("spec.rateLimit.burst", "is set, and there is no rate that it could exceed for a moment", "set spec.rateLimit.requestsPerSecond too, or leave it out");
        SecretRules.CheckName(spec.ApiKeys?.SecretRef, "spec.apiKeys.secretRef", "service", errors);
        if (spec.RequestLog is not null && isOwnServer)
            errors.Add("spec.requestLog", "is set, and only the built-in server writes it", "leave it out, or take the image out of spec.template");
    }

    private static void CheckTimes(InferenceServiceSpec spec, Errors errors)
    {
        if (GoDuration.TryParse(spec.Batching?.MaxLatency, out var latency) && latency > LongestWait)
            errors.Add("spec.batching.maxLatency", $"is {spec.Batching!.MaxLatency}, and no request should wait so long for others", "use at most 1m; 5ms is a good value");
        if (GoDuration.TryParse(spec.Limits?.Timeout, out var timeout) && timeout > LongestRequest)
            errors.Add("spec.limits.timeout", $"is {spec.Limits!.Timeout}, longer than a connection lives", "use at most 1d");
    }

    private static void CheckScaling(ScalingSpec scaling, string path, Errors errors)
    {
        if (scaling.Min > scaling.Max && !errors.Has($"{path}.min") && !errors.Has($"{path}.max"))
            errors.Add($"{path}.min", $"is {scaling.Min}, more than max, which is {scaling.Max}", "lower min, or raise max");
        if (scaling.Target is not { } target)
            return;
        var set = new[]
        {
            ("concurrency", target.Concurrency is not null), ("requestsPerSecond", target.RequestsPerSecond is not null),
            ("latency", target.Latency is not null), ("queueDepth", target.QueueDepth is not null),
        }.Where(t => t.Item2).Select(t => t.Item1).ToList();
        if (set.Count > 1)
            errors.Add($"{path}.target", $"has more than one measure: {string.Join(", ", set)}", "set one of them");
    }

    private static void CheckSteps(CanaryAnalysisSpec analysis, string path, Errors errors)
    {
        if (analysis.Steps is not { Count: > 0 } steps || errors.Has(path))
            return;
        for (var i = 1; i < steps.Count; i++)
        {
            if (steps[i] <= steps[i - 1])
                errors.Add($"{path}[{i}]", $"is {steps[i]}, not more than the step before, which is {steps[i - 1]}", "let the shares rise");
        }

        if (!errors.Has(path) && steps[^1] != 100)
            errors.Add(path, $"ends with {steps[^1]}", "end it with 100, the share after which the canary is promoted");
    }
}
