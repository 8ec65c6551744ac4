using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Operator.Planning;
using k8s.Models;

namespace AiDc.Operator.Serving;

/// <summary>Makes the PodDisruptionBudgets of a service's revisions, and removes those of revisions that are gone.</summary>
public sealed class DisruptionBudgets(IKubernetesClient client)
{
    // 0: not known yet; 1: policy/v1; 2: policy/v1beta1, which servers before 1.21 have only.
    private volatile int version;

    // Servers before 1.27 drop what they do not know: it is no use to ask for it again.
    private volatile bool dropsEviction;

    /// <returns>The first that is somebody else's; null where all are there.</returns>
    public async Task<Refused?> EnsureAsync(InferenceService service, IReadOnlyList<V1PodDisruptionBudget> desired, CancellationToken ct)
    {
        if (version != 2)
        {
            try
            {
                var refused = await EnsureAsync<V1PodDisruptionBudget>(service, desired, ct);
                version = 1;
                return refused;
            }
            catch (ApiException e) when (e.IsNotFound && version == 0)
            {
                // What the server does not know at all, it has not found. That it has found no namespace either is told by the next request.
            }
        }
        var result = await EnsureAsync<PodDisruptionBudgetBeta>(service, [.. desired.Select(Beta)], ct);
        version = 2;
        return result;
    }

    private async Task<Refused?> EnsureAsync<T>(InferenceService service, IReadOnlyList<T> desired, CancellationToken ct)
        where T : V1PodDisruptionBudget
    {
        var ns = service.Metadata.NamespaceProperty;
        var list = await client.ListAsync<T>(ns, new($"{Labels.InferenceService}={Names.LabelValue(service.Metadata.Name)}"), ct);
        var ours = list.Items.Where(b => ServiceObjects.IsOurs(service, b.Metadata)).ToDictionary(b => b.Metadata.Name, StringComparer.Ordinal);
        // First of all: no pod that two budgets select can be evicted. One over all revisions is what the version before made.
        foreach (var old in ours.Values.Where(b => desired.All(d => d.Metadata.Name != b.Metadata.Name)))
            await RemoveAsync<T>(new(ns, old.Metadata.Name), old.Metadata.Uid, ct);
        Refused? refused = null;
        foreach (var budget in desired)
        {
            if (!ours.TryGetValue(budget.Metadata.Name, out var existing)) refused = await CreateAsync(service, budget, ct) ?? refused;
            else if (budget.Spec.UnhealthyPodEvictionPolicy is { } policy && existing.Spec.UnhealthyPodEvictionPolicy != policy && !dropsEviction)
                await AllowAsync<T>(existing, policy, ct);
        }
        return refused;
    }

    private async Task RemoveAsync<T>(NamespacedName name, string uid, CancellationToken ct) where T : V1PodDisruptionBudget
    {
        try
        {
            await client.DeleteAsync<T>(name, new(Uid: uid), ct);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another one has the name by now; the one that was meant is gone.
        }
    }

    private async Task<Refused?> CreateAsync<T>(InferenceService service, T desired, CancellationToken ct) where T : V1PodDisruptionBudget
    {
        try
        {
            await client.CreateFastAsync(desired, ct);
            return null;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var existing = await client.GetAsync<T>(NamespacedName.Of(desired), ct);
            return existing is null || ServiceObjects.IsOurs(service, existing.Metadata) ? null
                : ServiceObjects.Foreign("PodDisruptionBudget", existing.Metadata, "drains may take all replicas at once");
        }
    }

    /// <summary>For one that was made while the server was older.</summary>
    private async Task AllowAsync<T>(T existing, string policy, CancellationToken ct) where T : V1PodDisruptionBudget
    {
        try
        {
            var patch = new { metadata = new { uid = existing.Metadata.Uid }, spec = new { unhealthyPodEvictionPolicy = policy } };
            var written = await client.PatchMergeAsync<T>(NamespacedName.Of(existing), patch, ct);
            dropsEviction = written.Spec.UnhealthyPodEvictionPolicy != policy;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // It went meanwhile: the next look makes another.
        }
    }

    private static PodDisruptionBudgetBeta Beta(V1PodDisruptionBudget desired) => new()
    {
        ApiVersion = "policy/v1beta1",
        Kind = "PodDisruptionBudget",
        Metadata = desired.Metadata,
        Spec = new() { MaxUnavailable = desired.Spec.MaxUnavailable, Selector = desired.Spec.Selector },
    };
}

/// <summary>A PodDisruptionBudget as servers before 1.21 know it: the fields that are used here are the same.</summary>
[KubernetesEntity(Group = "policy", ApiVersion = "v1beta1", Kind = "PodDisruptionBudget", PluralName = "poddisruptionbudgets")]
internal sealed record PodDisruptionBudgetBeta : V1PodDisruptionBudget;
