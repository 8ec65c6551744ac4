using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Client;

/// <summary>Follows a list through its pages.</summary>
internal static class ListPages
{
    /// <param name="resourceVersion">"0": what the server's cache has; null: as of now. Pages after the first know it themselves.</param>
    public static async Task<ListResult<T>> ReadAsync<T>(
        ApiTransport transport, JsonTypeInfo<ListPage<T>> typeInfo, string? ns, ListRequest request, string? resourceVersion,
        TimeSpan timeout, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        List<T>? items = null;
        string? next = null;
        while (true)
        {
            var call = new ApiCall(HttpMethod.Get, "list", type, Path(type, ns, request, resourceVersion, next));
            var page = await transport.SendAsync(call, (response, token) => ReadPageAsync(response, typeInfo, token), timeout, ct);
            if (items is null) items = page.Items;
            else items.AddRange(page.Items);
            next = page.Metadata.ContinueProperty;
            if (string.IsNullOrEmpty(next)) return new(items, page.Metadata.ResourceVersion);
        }
    }

    private static async ValueTask<ListPage<T>> ReadPageAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<ListPage<T>> typeInfo, CancellationToken ct)
    {
        using var stream = await response.Content.ReadAsStreamAsync(ct);
        return await JsonSerializer.DeserializeAsync(stream, typeInfo, ct) ?? throw new JsonException("The server answered null.");
    }

    private static string Path(ResourceType type, string? ns, ListRequest request, string? resourceVersion, string? next)
    {
        var path = new StringBuilder(type.Path(ns)).Append("?limit=").Append(request.PageSize);
        if (request.LabelSelector is { } labels) path.Append("&labelSelector=").Append(Uri.EscapeDataString(labels));
        if (request.FieldSelector is { } fields) path.Append("&fieldSelector=").Append(Uri.EscapeDataString(fields));
        // A continue token carries its version; naming one besides is an error.
        if (next is not null) path.Append("&continue=").Append(Uri.EscapeDataString(next));
        else if (resourceVersion is not null) path.Append("&resourceVersion=").Append(resourceVersion);
        return path.ToString();
    }
}
