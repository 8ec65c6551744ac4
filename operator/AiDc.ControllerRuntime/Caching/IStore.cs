using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Caching;

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
