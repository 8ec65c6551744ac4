using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using k8s.Models;

namespace AiDc.Operator.Serving;

/// <summary>
/// Makes the Service and the PodDisruptionBudget of an inference service. Neither is needed to serve: what is in the way is told in the
/// status, and tried again later.
/// </summary>
public sealed partial class ServiceObjects(IKubernetesClient client, ILogger<ServiceObjects> logger)
{
    /// <summary>How often they are seen to.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private const string FieldManager = "aidc-operator";

    // 0: not known yet; 1: policy/v1; 2: policy/v1beta1, which servers before 1.21 have only.
    private volatile int budgets;

    /// <summary>How soon they are tried again where something is in the way.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    /// <returns>What is in the way, for a person to remove; null for nothing, or where only trying again is left.</returns>
    public async Task<Refused?> EnsureAsync(InferenceService service, EnsureServiceObjects step, CancellationToken ct)
    {
        try
        {
            var refused = await EnsureServiceAsync(service, step.Service, ct);
            return await EnsureBudgetAsync(service, step.Budget, ct) ?? refused;
        }
        catch (ApiException e)
        {
            LogRefused(logger, NamespacedName.Of(service), e.Message);
            return RefusalPolicy.ReasonOf(e) is { } reason ? new(reason, $"its Service or PodDisruptionBudget is not made: {e.Status?.Message ?? e.Message}") : null;
        }
    }

    private async Task<Refused?> EnsureServiceAsync(InferenceService service, V1Service desired, CancellationToken ct)
    {
        var existing = await client.GetAsync<V1Service>(NamespacedName.Of(desired), ct);
        if (existing is null)
        {
            await client.CreateFastAsync(desired, ct);
            return null;
        }
        if (!IsOurs(service, existing.Metadata))
            return Foreign("Service", existing.Metadata, "that name leads elsewhere, while gateways serve it");
        if (ApplyDiff.NeedsApply(desired, existing)) await client.ApplyAsync(desired, FieldManager, ct);
        return null;
    }

    private static bool IsOurs(InferenceService service, V1ObjectMeta existing) =>
        existing.OwnerReferences?.Any(o => o.Controller == true && o.Uid == service.Metadata.Uid) == true;

    private static Refused Foreign(string what, V1ObjectMeta existing, string effect)
    {
        var owner = existing.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
        var whose = owner is null ? "exists and is not this service's" : $"exists and belongs to {owner.Kind} {owner.Name}";
        return new(Reasons.NameConflict, $"{what} {existing.Name} {whose}: {effect}; delete it, or give the InferenceService another name");
    }

    private async Task<Refused?> EnsureBudgetAsync(InferenceService service, V1PodDisruptionBudget desired, CancellationToken ct)
    {
        try
        {
            if (budgets != 2)
            {
                await client.CreateFastAsync(desired, ct);
                budgets = 1;
                return null;
            }
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            budgets = 1;
            // Nothing of ours ever changes.
            return Foreign(service, await client.GetAsync<V1PodDisruptionBudget>(NamespacedName.Of(desired), ct));
        }
        catch (ApiException e) when (e.IsNotFound && budgets == 0)
        {
            // What the server does not know at all, it has not found.
        }
        try
        {
            await client.CreateFastAsync(Beta(desired), ct);
            budgets = 2;
            return null;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            budgets = 2;
            return Foreign(service, await client.GetAsync<PodDisruptionBudgetBeta>(NamespacedName.Of(desired), ct));
        }
    }

    private static Refused? Foreign(InferenceService service, V1PodDisruptionBudget? existing) =>
        existing is null || IsOurs(service, existing.Metadata) ? null
            : Foreign("PodDisruptionBudget", existing.Metadata, "drains may take all replicas at once");

    private static PodDisruptionBudgetBeta Beta(V1PodDisruptionBudget desired) => new()
    {
        ApiVersion = "policy/v1beta1",
        Kind = "PodDisruptionBudget",
        Metadata = desired.Metadata,
        Spec = desired.Spec,
    };

    [LoggerMessage(3007, LogLevel.Warning, "{Service}: its Service or PodDisruptionBudget is not made: {Why}")]
    private static partial void LogRefused(ILogger logger, NamespacedName service, string why);
}

/// <summary>A PodDisruptionBudget as servers before 1.21 know it: the fields that are used here are the same.</summary>
[KubernetesEntity(Group = "policy", ApiVersion = "v1beta1", Kind = "PodDisruptionBudget", PluralName = "poddisruptionbudgets")]
internal sealed record PodDisruptionBudgetBeta : V1PodDisruptionBudget;
