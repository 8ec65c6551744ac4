using System.Text.Json.Nodes;
using AiDc.ControllerRuntime.Client;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>
/// Adds and removes one finalizer, leaving those of others alone. For what garbage collection cannot reach only.
/// The list has no merge key, so both writes carry the resourceVersion that the list was read at; a conflict (409)
/// means: look again.
/// </summary>
public static class FinalizerHelper
{
    public static bool Has(IMetadata<V1ObjectMeta> value, string finalizer) => value.Metadata.Finalizers?.Contains(finalizer) == true;

    /// <summary>To be called before the first effect outside. Does nothing on an object that is being deleted.</summary>
    public static async Task<T> EnsureAsync<T>(IKubernetesClient client, T value, string finalizer, CancellationToken ct)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (Has(value, finalizer) || value.Metadata.DeletionTimestamp is not null) return value;
        return await client.PatchMergeAsync<T>(NamespacedName.Of(value), Patch(value, [.. value.Metadata.Finalizers ?? [], finalizer]), ct);
    }

    /// <summary>
    /// To be called last, when everything outside is gone. Takes no token: a removal given up half-way on shutdown would
    /// run the whole clean-up again in the next process. An object already gone is as good.
    /// </summary>
    public static async Task RemoveAsync<T>(IKubernetesClient client, T value, string finalizer)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (!Has(value, finalizer)) return;
        try
        {
            var left = value.Metadata.Finalizers!.Where(f => f != finalizer);
            await client.PatchMergeAsync<T>(NamespacedName.Of(value), Patch(value, left), CancellationToken.None);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return;
        }
    }

    private static JsonObject Patch(IMetadata<V1ObjectMeta> value, IEnumerable<string> finalizers) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = value.Metadata.Uid,
            ["resourceVersion"] = value.Metadata.ResourceVersion,
            ["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]),
        },
    };
}
