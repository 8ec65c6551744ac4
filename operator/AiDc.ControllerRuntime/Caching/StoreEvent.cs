using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>One change of a store.</summary>
/// <param name="Old">The state before; null when added.</param>
/// <param name="Value">The state now; when deleted, the last one known.</param>
/// <param name="IsInitial">True for objects of the first list: nothing happened to them, they were there.</param>
public readonly record struct StoreEvent<T>(StoreEventKind Kind, T? Old, T Value, bool IsInitial)
    where T : class, IKubernetesObject<V1ObjectMeta>;
