using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>Whose writes are remembered: objects of two kinds may have one name.</summary>
public readonly record struct OwnerKey(Type Kind, NamespacedName Name)
{
    public static OwnerKey Of<T>(NamespacedName name) where T : class, IKubernetesObject<V1ObjectMeta> => new(typeof(T), name);
}

/// <summary>
/// Remembers what each owner's reconcile wrote, so that the next one does not decide on a store that has not seen it yet.
/// Versions of written objects are compared with the version of the store; a delete returns no usable version, so the
/// uids of deleted objects are expected to vanish from the store instead. Everything expires: a watch that misses
/// something must not stop an owner for ever.
/// </summary>
public sealed class ConsistencyStore(Func<Type, IStoreState?> storeOf, TimeProvider clock)
{
    /// <summary>How long an unseen write holds its owner back; that of client-go's expectations.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<OwnerKey, Owner> owners = new();

    /// <summary>Records that the reconcile of <paramref name="owner"/> wrote an object of the store of <typeparamref name="T"/>.</summary>
    public void WroteAt<T>(OwnerKey owner, string? resourceVersion) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (!ResourceVersions.TryParse(resourceVersion, out var version)) return;
        Change(owner, o =>
        {
            if (!o.Written.TryGetValue(typeof(T), out var known) || known.Version < version)
                o.Written[typeof(T)] = (version, clock.GetTimestamp());
        });
    }

    /// <summary>Records a delete: the owner waits until the store of <typeparamref name="T"/> has not, or marked as deleted, this uid.</summary>
    public void Deleted<T>(OwnerKey owner, NamespacedName name, string uid) where T : class, IKubernetesObject<V1ObjectMeta> =>
        Change(owner, o => o.Gone[uid] = (typeof(T), clock.GetTimestamp(), () => IsGone<T>(name, uid)));

    /// <summary>Whether the stores show everything that was written for this owner.</summary>
    public bool IsReady(OwnerKey owner)
    {
        if (!owners.TryGetValue(owner, out var o)) return true;
        lock (o)
        {
            foreach (var (type, (version, at)) in o.Written.ToArray())
                if (Expired(at) || HasSeen(type, version)) o.Written.Remove(type);
            foreach (var (uid, (_, at, gone)) in o.Gone.ToArray())
                if (Expired(at) || gone()) o.Gone.Remove(uid);
            if (o.Written.Count + o.Gone.Count > 0) return false;
            o.Abandoned = true;
            owners.TryRemove(new(owner, o));
            return true;
        }
    }

    private bool Expired(long at) => clock.GetElapsedTime(at) > TimeToLive;

    // Fails open: a version that is no number says nothing about order.
    private bool HasSeen(Type type, ulong version) =>
        storeOf(type) is not { } store || !ResourceVersions.TryParse(store.ResourceVersion, out var seen) || seen >= version;

    private bool IsGone<T>(NamespacedName name, string uid) where T : class, IKubernetesObject<V1ObjectMeta> =>
        storeOf(typeof(T)) is not IStore<T> store
        || store.Get(name) is not { } value || value.Metadata.Uid != uid || value.Metadata.DeletionTimestamp is not null;

    private void Change(OwnerKey owner, Action<Owner> change)
    {
        while (true)
        {
            var o = owners.GetOrAdd(owner, static _ => new());
            lock (o)
            {
                if (o.Abandoned) continue;
                change(o);
                return;
            }
        }
    }

    private sealed class Owner
    {
        public Dictionary<Type, (ulong Version, long At)> Written { get; } = [];

        public Dictionary<string, (Type Type, long At, Func<bool> IsGone)> Gone { get; } = [];

        /// <summary>Set once taken out of the dictionary: a writer that still holds it must start again.</summary>
        public bool Abandoned { get; set; }
    }
}
