using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Operator.Coordination.Authentication;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Tests.Coordination;

/// <summary>
/// As much of an API server as the coordinator asks: Secrets with versions, pods, Services, token reviews. What a real one says is
/// tested in <c>RealTokenTests</c>.
/// </summary>
internal sealed class InMemoryApi : IKubernetesClient
{
    private readonly ConcurrentDictionary<(Type, NamespacedName), IKubernetesObject<V1ObjectMeta>> objects = new();
    private readonly ConcurrentDictionary<string, V1TokenReviewStatus> tokens = new();
    private readonly Lock writing = new();
    private int version;
    private int reviews;

    /// <summary>While set, every request fails as if the server were away.</summary>
    public bool Away { get; set; }

    public int Reviews => reviews;

    /// <summary>Runs before each create, so that a test may be faster than the one that creates.</summary>
    public Action<IKubernetesObject<V1ObjectMeta>>? BeforeCreate { get; set; }

    public void Put<T>(T value) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (writing)
        {
            value.Metadata.ResourceVersion = (++version).ToString(CultureInfo.InvariantCulture);
            objects[(typeof(T), NamespacedName.Of(value))] = value;
        }
    }

    public void Remove<T>(NamespacedName name) => objects.TryRemove((typeof(T), name), out _);

    /// <summary>A worker's pod, as the operator makes them, and a token bound to it.</summary>
    public string AddWorker(string job, int attempt, int index, string ns = "team", Action<V1Pod>? change = null)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = Names.WorkerPod(job, index, attempt),
                NamespaceProperty = ns,
                Uid = $"uid-{job}-{index}-{attempt}",
                Labels = new Dictionary<string, string>
                {
                    [Labels.JobUid] = $"uid-{job}",
                    [Labels.Attempt] = attempt.ToString(CultureInfo.InvariantCulture),
                    [Labels.WorkerIndex] = index.ToString(CultureInfo.InvariantCulture),
                },
                OwnerReferences =
                [
                    new V1OwnerReference
                    {
                        ApiVersion = $"{TrainingJob.KubeGroup}/{TrainingJob.KubeApiVersion}", Kind = TrainingJob.KubeKind,
                        Name = job, Uid = $"uid-{job}", Controller = true,
                    },
                ],
            },
            Status = new V1PodStatus { Phase = "Running" },
        };
        change?.Invoke(pod);
        Put(pod);
        var known = objects.GetValueOrDefault((typeof(TrainingJob), new(ns, job))) as TrainingJob;
        Put(new TrainingJob
        {
            Metadata = new() { Name = job, NamespaceProperty = ns, Uid = $"uid-{job}" },
            Spec = new() { Workers = new() { Replicas = Math.Max(index + 1, known?.Spec.Workers.Replicas ?? 1) } },
            Status = new() { Attempt = Math.Max(attempt, known?.Status.Attempt ?? 1), Replacements = [new() { Index = index, Incarnation = 1 }] },
        });
        return AddToken(pod.Metadata.NamespaceProperty, pod.Metadata.Name, $"uid-{job}-{index}-{attempt}");
    }

    public string AddToken(string ns, string pod, string uid, string audience = "aidc.dev", string account = "default")
    {
        var token = $"token-{ns}-{pod}-{uid}-{audience}";
        tokens[token] = new V1TokenReviewStatus
        {
            Authenticated = true,
            Audiences = [audience],
            User = new V1UserInfo
            {
                Username = $"system:serviceaccount:{ns}:{account}",
                Extra = new Dictionary<string, IList<string>>
                {
                    ["authentication.kubernetes.io/pod-name"] = [pod],
                    ["authentication.kubernetes.io/pod-uid"] = [uid],
                },
            },
        };
        return token;
    }

    public Task<T?> GetAsync<T>(NamespacedName name, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        FailIfAway();
        return Task.FromResult(objects.GetValueOrDefault((typeof(T), name)) as T);
    }

    public Task<T> CreateAsync<T>(T desired, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        FailIfAway();
        if (desired is TokenReview review)
        {
            Interlocked.Increment(ref reviews);
            review.Status = tokens.GetValueOrDefault(review.Spec.Token) is { } known && known.Audiences.Intersect(review.Spec.Audiences).Any()
                ? known : new V1TokenReviewStatus { Authenticated = false };
            return Task.FromResult(desired);
        }
        BeforeCreate?.Invoke(desired);
        lock (writing)
        {
            if (objects.ContainsKey((typeof(T), NamespacedName.Of(desired))))
                throw Refusal(HttpStatusCode.Conflict, "AlreadyExists");
            Put(desired);
        }
        return Task.FromResult(desired);
    }

    public Task<T> PatchMergeAsync<T>(NamespacedName name, object patch, CancellationToken ct, string? subresource = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        FailIfAway();
        lock (writing)
        {
            var current = objects.GetValueOrDefault((typeof(T), name)) ?? throw Refusal(HttpStatusCode.NotFound, "NotFound");
            if (current is V1Pod pod)
            {
                foreach (var (key, value) in JsonSerializer.SerializeToNode(patch)!["metadata"]!["labels"]!.AsObject()) pod.Metadata.Labels[key] = (string)value!;
                return Task.FromResult((T)current);
            }
            var merge = (JsonObject)patch;
            if (merge["metadata"]?["resourceVersion"]?.GetValue<string>() is { } expected && expected != current.Metadata.ResourceVersion)
                throw Refusal(HttpStatusCode.Conflict, "Conflict");
            var secret = (V1Secret)current;
            var next = new V1Secret { Metadata = new V1ObjectMeta { Name = name.Name, NamespaceProperty = name.Namespace }, Data = new Dictionary<string, byte[]>(secret.Data) };
            foreach (var (key, value) in (JsonObject)merge["data"]!)
                if (value is null)
                    next.Data.Remove(key);
                else
                    next.Data[key] = Convert.FromBase64String(value.GetValue<string>());
            Put(next);
            return Task.FromResult((T)(object)next);
        }
    }

    public Task<ListResult<T>> ListAsync<T>(string? ns, ListRequest? request, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        FailIfAway();
        return Task.FromResult(new ListResult<T>([.. objects.Values.OfType<T>().Where(o => ns is null || o.Metadata.NamespaceProperty == ns)], $"{version}"));
    }

    public Task<WriteReceipt> CreateFastAsync<T>(T desired, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta> =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<CreateOutcome<T>>> CreateManyAsync<T>(IReadOnlyList<T> desired, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta> =>
        throw new NotSupportedException();

    public Task<T> ApplyAsync<T>(T desired, string fieldManager, CancellationToken ct, bool force = true) where T : class, IKubernetesObject<V1ObjectMeta> =>
        throw new NotSupportedException();

    public Task<T> ApplyStatusAsync<T>(T observed, object status, CancellationToken ct, string? resourceVersion = null) where T : class, IKubernetesObject<V1ObjectMeta> =>
        throw new NotSupportedException();

    public Task<bool> DeleteAsync<T>(NamespacedName name, DeleteRequest? request, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        FailIfAway();
        lock (writing)
        {
            if (request?.Uid is { } uid && objects.TryGetValue((typeof(T), name), out var value) && value.Metadata.Uid != uid)
                throw new ApiException("the uid in the precondition does not match");
            return Task.FromResult(objects.TryRemove((typeof(T), name), out _));
        }
    }

    public Task<bool> EvictAsync(NamespacedName pod, string uid, CancellationToken ct) => DeleteAsync<V1Pod>(pod, new(Uid: uid), ct);

    private void FailIfAway()
    {
        if (Away)
            throw new ApiException("connection refused");
    }

    private static ApiException Refusal(HttpStatusCode code, string reason) => new(code, new V1Status { Reason = reason }, "in memory");
}
