using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>How far a store has come, whatever it holds.</summary>
public interface IStoreState
{
    int Count { get; }

    /// <summary>True from the first complete list on.</summary>
    bool HasSynced { get; }

    /// <summary>The version of the world that the store shows; null before the first list.</summary>
    string? ResourceVersion { get; }
}

/// <summary>
/// What the API server had a moment ago, in memory. The objects are shared: read them, never change them.
/// Collections are snapshots.
/// </summary>
public interface IStore<T> : IStoreState where T : class, IKubernetesObject<V1ObjectMeta>
{
    T? Get(NamespacedName name);

    IReadOnlyList<T> List();

    IReadOnlyList<T> ListNamespace(string ns);

    /// <summary>The objects to which the index named at registration gives this key.</summary>
    IReadOnlyList<T> ByIndex(string index, string key);
}

/// <summary>One change of a store.</summary>
/// <param name="Old">The state before; null when added.</param>
/// <param name="Value">The state now; when deleted, the last one known.</param>
/// <param name="IsInitial">True for objects of the first list: nothing happened to them, they were there.</param>
public readonly record struct StoreEvent<T>(StoreEventKind Kind, T? Old, T Value, bool IsInitial)
    where T : class, IKubernetesObject<V1ObjectMeta>;

public enum StoreEventKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>What the host needs of an informer, whatever it holds.</summary>
public interface IInformer : IStoreState
{
    /// <summary>Plural name of the resource.</summary>
    string Resource { get; }

    /// <summary>Type of the objects.</summary>
    Type ObjectType { get; }

    /// <summary>When the server was last heard of; null: never.</summary>
    DateTimeOffset? LastContact { get; }

    /// <summary>Why the last list or watch failed; null while all is well.</summary>
    string? LastError { get; }

    /// <summary>Completes with the first complete list.</summary>
    Task WaitForSyncAsync(CancellationToken ct);

    /// <summary>Lists and watches until cancelled. Call once.</summary>
    Task RunAsync(CancellationToken ct);
}
