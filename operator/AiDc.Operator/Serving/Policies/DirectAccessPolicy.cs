using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Serving.Policies;

/// <summary>Whether callers inside the cluster may go straight to the replicas, past the gateways, on which some promises of a service are kept.</summary>
public static class DirectAccessPolicy
{
    /// <returns>Why all callers have to come by way of the gateways; null: they need not.</returns>
    public static string? ClosedBecause(InferenceServiceSpec spec) =>
        spec.ApiKeys is not null ? "they check the keys of spec.apiKeys"
        : HasRates(spec) ? "they keep to spec.rateLimit"
        // Requests that nobody counts would not keep the last replica, and where there is none nobody would start one for them.
        : spec.Scaling.Min == 0 ? "with spec.scaling.min 0 they say whether anybody asks, and hold requests until there is a replica"
        : null;

    /// <summary>Whether the network has to keep everybody else from the replicas: a pod's address is no secret.</summary>
    public static bool IsFenced(InferenceServiceSpec spec) => spec.ApiKeys is not null || HasRates(spec);

    private static bool HasRates(InferenceServiceSpec spec) =>
        spec.RateLimit is { RequestsPerSecond: not null } or { PerClientRequestsPerSecond: not null };
}
