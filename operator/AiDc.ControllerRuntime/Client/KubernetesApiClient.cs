using System.Buffers;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Client;

/// <summary>The client over one <see cref="Kubernetes"/>, which it owns.</summary>
public sealed class KubernetesApiClient : IKubernetesClient, IDisposable
{
    private readonly Kubernetes kubernetes;
    private readonly KubernetesApiClientOptions options;
    private readonly SemaphoreSlim creates;

    public KubernetesApiClient(
        KubernetesClientConfiguration configuration, KubernetesApiClientOptions options, TimeProvider clock, Func<double> random, RuntimeMetrics metrics)
    {
        this.options = options;
        kubernetes = KubernetesConnection.Open(configuration, options);
        creates = new(options.CreateConcurrency);
        var limit = options.RequestsPerSecond is { } rate ? new TokenBucket(rate, rate * 2, clock) : null;
        Transport = new(kubernetes, configuration.TlsServerName, clock, random, metrics, limit, options.MaxAttempts);
    }

    internal ApiTransport Transport { get; }

    public async Task<T?> GetAsync<T>(NamespacedName name, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        try
        {
            return await SendAsync<T>(new(HttpMethod.Get, "get", type, type.Path(name.Namespace, name.Name)), ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public async Task<ListResult<T>> ListAsync<T>(string? ns, ListRequest? request, CancellationToken ct)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        request ??= new();
        var typeInfo = ListPage<T>.TypeInfo(RuntimeJson.TypeInfo<T>());
        try
        {
            return await ListPages.ReadAsync(Transport, typeInfo, ns, request, resourceVersion: null, options.ListTimeout, ct);
        }
        catch (ApiException e) when (e.IsExpired)
        {
            // The pages took longer than the server keeps old versions: ask for all at once.
            return await ListPages.ReadAsync(Transport, typeInfo, ns, request with { PageSize = 0 }, null, options.ListTimeout, ct);
        }
    }

    public Task<T> CreateAsync<T>(T desired, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(CreateCall(desired, ApiCall.Json), ct);

    public Task<WriteReceipt> CreateFastAsync<T>(T desired, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta> =>
        Transport.SendAsync(CreateCall(desired, ApiCall.MetadataOnly), ReadReceiptAsync, options.RequestTimeout, ct);

    public async Task<IReadOnlyList<CreateOutcome<T>>> CreateManyAsync<T>(IReadOnlyList<T> desired, CancellationToken ct)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        return await Task.WhenAll(desired.Select(CreateOne));

        async Task<CreateOutcome<T>> CreateOne(T one)
        {
            await creates.WaitAsync(ct);
            try
            {
                return new(one, await CreateFastAsync(one, ct), null);
            }
            catch (ApiException e)
            {
                return new(one, null, e);
            }
            finally
            {
                creates.Release();
            }
        }
    }

    public Task<T> ApplyAsync<T>(T desired, string fieldManager, CancellationToken ct, bool force = true)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        var path = $"{type.Path(desired.Metadata.NamespaceProperty, desired.Metadata.Name)}"
            + $"?fieldManager={Uri.EscapeDataString(fieldManager)}&force={(force ? "true" : "false")}";
        return SendAsync<T>(new(HttpMethod.Patch, "apply", type, path, RuntimeJson.ToUtf8(ResourceType.Fill(desired)), ApiCall.ApplyPatchBody), ct);
    }

    public Task<T> ApplyStatusAsync<T>(T observed, object status, CancellationToken ct, string? resourceVersion = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var current = JsonSerializer.SerializeToNode(observed, RuntimeJson.TypeInfo<T>())?["status"];
        var desired = JsonSerializer.SerializeToNode(status, RuntimeJson.ExplicitNulls);
        // The uid keeps a status from landing on a new object of the old name.
        var metadata = new JsonObject();
        if (observed.Metadata.Uid is { } uid) metadata["uid"] = uid;
        if (resourceVersion is not null) metadata["resourceVersion"] = resourceVersion;
        var patch = new JsonObject { ["metadata"] = metadata, ["status"] = MergePatch.Towards(current, desired) };
        return PatchMergeAsync<T>(NamespacedName.Of(observed), patch, ct, "status");
    }

    public Task<T> PatchMergeAsync<T>(NamespacedName name, object patch, CancellationToken ct, string? subresource = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        var body = JsonSerializer.SerializeToUtf8Bytes(patch, RuntimeJson.Options);
        return SendAsync<T>(
            new(HttpMethod.Patch, "patch", type, type.Path(name.Namespace, name.Name, subresource), body, ApiCall.MergePatchBody), ct);
    }

    public async Task<bool> EvictAsync(NamespacedName pod, string uid, CancellationToken ct)
    {
        try
        {
            try
            {
                return await EvictAsync(pod, uid, "policy/v1", ct);
            }
            catch (ApiException e) when (e.Code == HttpStatusCode.BadRequest)
            {
                // Servers before 1.22 know the kind by its older version only.
                return await EvictAsync(pod, uid, "policy/v1beta1", ct);
            }
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return true;
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.TooManyRequests)
        {
            return false;
        }
    }

    private Task<bool> EvictAsync(NamespacedName pod, string uid, string version, CancellationToken ct)
    {
        var type = ResourceType.Of<V1Pod>();
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                apiVersion = version,
                kind = "Eviction",
                metadata = new { name = pod.Name, @namespace = pod.Namespace },
                deleteOptions = new { preconditions = new { uid } },
            },
            RuntimeJson.Options);
        return Transport.SendAsync(
            new(HttpMethod.Post, "create", type, type.Path(pod.Namespace, pod.Name, "eviction"), body, ApiCall.JsonBody), DrainAsync, options.RequestTimeout, ct);
    }

    public async Task<bool> DeleteAsync<T>(NamespacedName name, DeleteRequest? request, CancellationToken ct)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        var body = RuntimeJson.ToUtf8(new V1DeleteOptions
        {
            ApiVersion = "v1",
            Kind = "DeleteOptions",
            GracePeriodSeconds = request?.GracePeriodSeconds,
            PropagationPolicy = request?.PropagationPolicy,
            Preconditions = request is { Uid: null, ResourceVersion: null } or null
                ? null
                : new() { Uid = request.Uid, ResourceVersion = request.ResourceVersion },
        });
        var call = new ApiCall(HttpMethod.Delete, "delete", type, type.Path(name.Namespace, name.Name), body, ApiCall.JsonBody, ApiCall.MetadataOnly);
        try
        {
            return await Transport.SendAsync(call, DrainAsync, options.RequestTimeout, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    public void Dispose()
    {
        kubernetes.Dispose();
        creates.Dispose();
    }

    private static ApiCall CreateCall<T>(T desired, string accept) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        var body = RuntimeJson.ToUtf8(ResourceType.Fill(desired));
        return new(HttpMethod.Post, "create", type, type.Path(desired.Metadata.NamespaceProperty), body, ApiCall.JsonBody, accept);
    }

    private Task<T> SendAsync<T>(ApiCall call, CancellationToken ct) =>
        Transport.SendAsync(call, (response, token) => ReadAsync(response, RuntimeJson.TypeInfo<T>(), token), options.RequestTimeout, ct);

    private static async ValueTask<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> typeInfo, CancellationToken ct)
    {
        using var stream = await response.Content.ReadAsStreamAsync(ct);
        return await JsonSerializer.DeserializeAsync(stream, typeInfo, ct) ?? throw new JsonException("The server answered null.");
    }

    private static async ValueTask<WriteReceipt> ReadReceiptAsync(HttpResponseMessage response, CancellationToken ct)
    {
        // Read to the end, or the stream is reset and the connection worse for it; parsed only as far as needed.
        var buffer = ArrayPool<byte>.Shared.Rent((int)(response.Content.Headers.ContentLength ?? 8192) + 1);
        try
        {
            using var stream = await response.Content.ReadAsStreamAsync(ct);
            var length = 0;
            for (int read; (read = await stream.ReadAsync(buffer.AsMemory(length), ct)) > 0;)
            {
                length += read;
                if (length < buffer.Length) continue;
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.CopyTo(larger, 0);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
            return ReceiptReader.Read(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<bool> DrainAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await response.Content.CopyToAsync(Stream.Null, ct);
        return true;
    }
}
