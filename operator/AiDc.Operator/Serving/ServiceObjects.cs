using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Builders;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Serving;

/// <summary>
/// Makes, and takes away again, the Service, the NetworkPolicy and the PodDisruptionBudgets of an inference service. None is needed to serve: what is in
/// the way is told in the status, and tried again later. Objects of those names that are somebody else's stay as they are.
/// </summary>
public sealed partial class ServiceObjects(IKubernetesClient client, DisruptionBudgets budgets, ServingOptions options, ILogger<ServiceObjects> logger)
{
    /// <summary>How often they are seen to.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    /// <summary>How soon they are tried again where something is in the way.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private const string FieldManager = "aidc-operator";

    private volatile bool saidUnnamed;

    /// <returns>What is in the way, for a person to remove; null for nothing.</returns>
    /// <exception cref="ApiException">Where only trying again is left.</exception>
    public async Task<Refused?> EnsureAsync(InferenceService service, EnsureServiceObjects step, CancellationToken ct)
    {
        // The fence is there before the way is closed, and goes after it is open: an operator that ends in between leaves nothing open that is to be closed.
        Func<Task<Refused?>>[] parts =
        [
            () => step.Fence is null ? Nothing : EnsureFenceAsync(service, step.Fence, ct),
            () => step.Service is { } desired ? PutAsync(service, desired, "that name leads elsewhere, while gateways serve it", ct) : RemoveAsync<V1Service>(service, step.Name, ct),
            () => step.Fence is null ? RemoveAsync<V1NetworkPolicy>(service, step.Name, ct) : Nothing,
            () => budgets.EnsureAsync(service, step.Budgets, ct),
        ];
        Refused? inTheWay = null;
        ApiException? failed = null;
        foreach (var part in parts)
        {
            try
            {
                if (await part() is { } refused) inTheWay = Both(inTheWay, refused);
            }
            catch (ApiException e) when (RefusalPolicy.ReasonOf(e) is { } reason)
            {
                LogRefused(logger, NamespacedName.Of(service), e.Message);
                inTheWay = Both(inTheWay, new(reason, $"not all of its Service, NetworkPolicy and PodDisruptionBudgets are made: {e.Status?.Message ?? e.Message}"));
            }
            catch (ApiException e)
            {
                failed = e;
            }
        }
        if (failed is not null) ExceptionDispatchInfo.Throw(failed);
        return inTheWay;
    }

    private static Task<Refused?> Nothing { get; } = Task.FromResult<Refused?>(null);

    private static Refused Both(Refused? first, Refused second) => first is null ? second : first with { Message = $"{first.Message}; {second.Message}" };

    internal static bool IsOurs(InferenceService service, V1ObjectMeta existing) =>
        existing.OwnerReferences?.Any(o => o.Controller == true && o.Uid == service.Metadata.Uid) == true;

    internal static Refused Foreign(string what, V1ObjectMeta existing, string effect)
    {
        var owner = existing.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
        var whose = owner is null ? "exists and is not this service's" : $"exists and belongs to {owner.Kind} {owner.Name}";
        return new(Reasons.NameConflict, $"{what} {existing.Name} {whose}: {effect}; delete it, or give the InferenceService another name");
    }

    private async Task<Refused?> EnsureFenceAsync(InferenceService service, V1NetworkPolicy fence, CancellationToken ct) =>
        await PutAsync(service, await KnownAsync(fence, ct), "the addresses of its replicas lead past the gateways, and with them past keys and rates", ct);

    private async Task<Refused?> PutAsync<T>(InferenceService service, T desired, string effect, CancellationToken ct)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var existing = await client.GetAsync<T>(NamespacedName.Of(desired), ct);
        if (existing is null)
        {
            await client.CreateFastAsync(desired, ct);
            return null;
        }
        if (!IsOurs(service, existing.Metadata)) return Foreign(desired.Kind, existing.Metadata, effect);
        if (ApplyDiff.NeedsApply(desired, existing) || Widened(desired, existing)) await client.ApplyAsync(desired, FieldManager, ct);
        if ((desired, existing) is (V1Service wanted, V1Service there) && Narrowed(wanted, there) is { Count: > 0 } selector)
            await client.PatchMergeAsync<V1Service>(NamespacedName.Of(desired), new JsonObject { ["spec"] = new JsonObject { ["selector"] = selector } }, ct);
        return null;
    }

    /// <summary>What a selector no longer asks for. An apply leaves what another way of writing has put there, and it was first made by a plain create.</summary>
    private static JsonObject Narrowed(V1Service desired, V1Service existing) =>
        new((existing.Spec.Selector ?? new Dictionary<string, string>()).Keys.Except(desired.Spec.Selector.Keys).Select(key => KeyValuePair.Create<string, JsonNode?>(key, null)));

    /// <summary>What a policy has beyond what is wanted lets somebody in. An API server adds nothing to it.</summary>
    private static bool Widened<T>(T desired, T existing) =>
        (desired, existing) is (V1NetworkPolicy wanted, V1NetworkPolicy there)
        && ApplyDiff.NeedsApply(new V1NetworkPolicy { Metadata = new(), Spec = there.Spec }, wanted);

    private async Task<Refused?> RemoveAsync<T>(InferenceService service, string name, CancellationToken ct)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var at = new NamespacedName(service.Metadata.NamespaceProperty, name);
        if (await client.GetAsync<T>(at, ct) is not { } existing || !IsOurs(service, existing.Metadata)) return null;
        try
        {
            await client.DeleteAsync<T>(at, new(Uid: existing.Metadata.Uid, PropagationPolicy: "Background"), ct);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another one has the name by now; the one that was meant is gone.
        }
        return null;
    }

    /// <summary>What is found, not which version the server has: before 1.21 somebody may have put the label there by hand.</summary>
    private async Task<V1NetworkPolicy> KnownAsync(V1NetworkPolicy fence, CancellationToken ct)
    {
        var home = await client.GetAsync<V1Namespace>(new(null, options.Namespace), ct);
        if (home?.Metadata.Labels?.TryGetValue(ServiceObjectBuilder.NamespaceName, out var name) == true && name == options.Namespace) return fence;
        if (!saidUnnamed) LogUnnamed(logger, options.Namespace);
        saidUnnamed = true;
        return ServiceObjectBuilder.FromAnyNamespace(fence);
    }

    [LoggerMessage(3007, LogLevel.Warning, "{Service}: not all of its Service, NetworkPolicy and PodDisruptionBudgets are made: {Why}")]
    private static partial void LogRefused(ILogger logger, NamespacedName service, string why);

    [LoggerMessage(3008, LogLevel.Warning, "namespace {Namespace} does not carry its name, so NetworkPolicies of services with API keys or rate limits let in pods with the gateways' labels from any namespace: kubectl label namespace {Namespace} kubernetes.io/metadata.name={Namespace}")]
    private static partial void LogUnnamed(ILogger logger, string @namespace);
}
