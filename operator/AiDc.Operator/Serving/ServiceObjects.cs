using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Controllers;
using k8s.Models;

namespace AiDc.Operator.Serving;

/// <summary>
/// Makes the Service and the PodDisruptionBudget of an inference service. Neither is needed to serve: what goes wrong is logged, and tried again
/// the next time.
/// </summary>
public sealed partial class ServiceObjects(IKubernetesClient client, ILogger<ServiceObjects> logger)
{
    /// <summary>How often they are seen to.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private const string FieldManager = "aidc-operator";

    // 0: not known yet; 1: policy/v1; 2: policy/v1beta1, which servers before 1.21 have only.
    private volatile int budgets;

    public async Task EnsureAsync(InferenceService service, EnsureServiceObjects step, CancellationToken ct)
    {
        try
        {
            await EnsureServiceAsync(service, step.Service, ct);
            await EnsureBudgetAsync(step.Budget, ct);
        }
        catch (ApiException e)
        {
            LogRefused(logger, NamespacedName.Of(service), e.Message);
        }
    }

    private async Task EnsureServiceAsync(InferenceService service, V1Service desired, CancellationToken ct)
    {
        var existing = await client.GetAsync<V1Service>(NamespacedName.Of(desired), ct);
        if (existing is null)
        {
            await client.CreateFastAsync(desired, ct);
            return;
        }
        var isOurs = existing.Metadata.OwnerReferences?.Any(o => o.Uid == service.Metadata.Uid) == true;
        if (isOurs && ApplyDiff.NeedsApply(desired, existing)) await client.ApplyAsync(desired, FieldManager, ct);
    }

    private async Task EnsureBudgetAsync(V1PodDisruptionBudget desired, CancellationToken ct)
    {
        try
        {
            if (budgets != 2)
            {
                await client.CreateFastAsync(desired, ct);
                budgets = 1;
                return;
            }
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            budgets = 1;
            return;
        }
        catch (ApiException e) when (e.IsNotFound && budgets == 0)
        {
            // What the server does not know at all, it has not found.
        }
        try
        {
            await client.CreateFastAsync(Beta(desired), ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Nothing of it ever changes.
        }
        budgets = 2;
    }

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
