using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Client;

/// <summary>
/// Typed access to the API server. All failures are <see cref="ApiException"/>; what may be retried has been
/// (429 and 503, with Retry-After; 500 ServerTimeout; broken connections of idempotent requests) when one is thrown.
/// There is no Replace: typed models drop fields newer than themselves.
/// </summary>
public interface IKubernetesClient
{
    /// <returns>Null where the object does not exist.</returns>
    Task<T?> GetAsync<T>(NamespacedName name, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>A consistent list, fetched in pages. <paramref name="ns"/> null: of all namespaces.</summary>
    Task<ListResult<T>> ListAsync<T>(string? ns, ListRequest? request, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>;

    Task<T> CreateAsync<T>(T desired, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>As <see cref="CreateAsync{T}"/>, but reads only uid and resourceVersion of the answer: the fast path.</summary>
    Task<WriteReceipt> CreateFastAsync<T>(T desired, CancellationToken ct) where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Creates all, a few at once. A refusal is an outcome, not an exception, so that the other creates are known too.
    /// </summary>
    Task<IReadOnlyList<CreateOutcome<T>>> CreateManyAsync<T>(IReadOnlyList<T> desired, CancellationToken ct)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Server-side apply: creates, or makes the fields named in <paramref name="desired"/> ours.</summary>
    Task<T> ApplyAsync<T>(T desired, string fieldManager, CancellationToken ct, bool force = true)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Makes <paramref name="status"/> the status of <paramref name="observed"/>, by one merge patch in which everything
    /// that the status no longer has is an explicit null.
    /// </summary>
    /// <param name="observed">The object as read; names it, and tells which map keys have to go.</param>
    /// <param name="resourceVersion">If given, the write is refused (409) unless the object is still at it.</param>
    Task<T> ApplyStatusAsync<T>(T observed, object status, CancellationToken ct, string? resourceVersion = null)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <param name="patch">The JSON merge patch: any object, a JsonNode among them. Nulls of a JsonNode are sent.</param>
    Task<T> PatchMergeAsync<T>(NamespacedName name, object patch, CancellationToken ct, string? subresource = null)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <returns>False where there was nothing to delete.</returns>
    Task<bool> DeleteAsync<T>(NamespacedName name, DeleteRequest? request, CancellationToken ct)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Evicts a pod: deletes it, where no PodDisruptionBudget forbids that now.</summary>
    /// <param name="uid">Of the pod that is meant.</param>
    /// <returns>False where a budget forbids it; a pod that is gone is evicted.</returns>
    Task<bool> EvictAsync(NamespacedName pod, string uid, CancellationToken ct);
}

/// <summary>Which objects to list.</summary>
/// <param name="PageSize">Objects an answer; the whole list is fetched in as many as it takes.</param>
public sealed record ListRequest(string? LabelSelector = null, string? FieldSelector = null, int PageSize = 500);

/// <summary>A list, and the version of the world that it shows.</summary>
public sealed record ListResult<T>(IReadOnlyList<T> Items, string ResourceVersion);

/// <summary>How to delete.</summary>
/// <param name="Uid">Delete only the object with this uid; another one of the same name stays (409).</param>
/// <param name="ResourceVersion">Delete only this version.</param>
/// <param name="GracePeriodSeconds">0 takes a pod from the API at once, without asking its kubelet.</param>
/// <param name="PropagationPolicy">Background, Foreground or Orphan.</param>
public sealed record DeleteRequest(
    string? Uid = null, string? ResourceVersion = null, long? GracePeriodSeconds = null, string? PropagationPolicy = null);

/// <summary>One object of a bulk create: exactly one of <see cref="Receipt"/> and <see cref="Error"/> is set.</summary>
public sealed record CreateOutcome<T>(T Desired, WriteReceipt? Receipt, ApiException? Error);

/// <summary>What is worth reading of the answer to a write.</summary>
public sealed record WriteReceipt(string Name, string Uid, string ResourceVersion);
