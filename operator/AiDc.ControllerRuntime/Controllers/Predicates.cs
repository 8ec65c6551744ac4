using AiDc.ControllerRuntime.Caching;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>Says whether a change is worth a reconcile.</summary>
public delegate bool EventPredicate<T>(StoreEvent<T> change) where T : class, IKubernetesObject<V1ObjectMeta>;

/// <summary>The usual <see cref="EventPredicate{T}"/>s, to be given as method groups.</summary>
public static class Predicates
{
    /// <summary>Lets everything but writes of status through, so that a controller does not wake itself.</summary>
    public static bool GenerationOrMetadataChanged<T>(StoreEvent<T> change) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (change.Kind != StoreEventKind.Modified || change.Old is null) return true;
        var (before, now) = (change.Old.Metadata, change.Value.Metadata);
        return before.Uid != now.Uid
            || before.Generation != now.Generation
            || before.DeletionTimestamp != now.DeletionTimestamp
            || !SameMap(before.Labels, now.Labels)
            || !SameMap(before.Annotations, now.Annotations)
            || !(before.Finalizers ?? []).SequenceEqual(now.Finalizers ?? [])
            || !(before.OwnerReferences ?? []).Select(o => o.Uid).SequenceEqual((now.OwnerReferences ?? []).Select(o => o.Uid));
    }

    /// <summary>Every change wakes.</summary>
    public static bool Always<T>(StoreEvent<T> change) where T : class, IKubernetesObject<V1ObjectMeta> => true;

    private static bool SameMap(IDictionary<string, string>? a, IDictionary<string, string>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0)
        && (a is null || a.All(pair => b!.TryGetValue(pair.Key, out var value) && value == pair.Value));
}
