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

    public static DirectAccess Decide(ServiceView view, ServiceDecisions decided) => new(
        ClosedBecause(view.Spec) is null, view.Spec.ApiKeys is not null || HasRates(view.Spec), LeadsTo(view, decided));

    /// <summary>Gateways give a revision that is tried its share of the requests and no more: who goes past them is not to meet it at all.</summary>
    /// <returns>The only revision that a service's direct way leads to; null: to all that answer.</returns>
    private static string? LeadsTo(ServiceView view, ServiceDecisions decided)
    {
        var tried = decided.Candidate?.Name ?? view.Status.Canary?.Revision;
        if (tried is null || tried == decided.Stable?.Name || (decided.Candidate is null && view.Of(tried).Pods.Count == 0)) return null;
        return view.Revisions.Where(r => r.Name != tried && r.Ready > 0)
            .OrderByDescending(r => r.Name == decided.Stable?.Name).ThenByDescending(r => r.Ready).FirstOrDefault()?.Name;
    }

    private static bool HasRates(InferenceServiceSpec spec) =>
        spec.RateLimit is { RequestsPerSecond: not null } or { PerClientRequestsPerSecond: not null };
}
