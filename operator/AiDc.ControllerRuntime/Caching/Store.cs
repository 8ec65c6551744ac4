using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>
/// Objects by name and by named indexes. One writer, many readers; a plain lock, because what is held for it is a
/// dictionary look-up, and immutable collections would cost ten thousand pods twice their memory.
/// </summary>
internal sealed class Store<T>(IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> indexers)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Dictionary<string, HashSet<NamespacedName>>> indexes =
        indexers.Keys.ToDictionary(name => name, _ => new Dictionary<string, HashSet<NamespacedName>>());

    private Dictionary<NamespacedName, T> items = [];

    public int Count
    {
        get
        {
            lock (gate) return items.Count;
        }
    }

    public T? Get(NamespacedName name)
    {
        lock (gate) return items.GetValueOrDefault(name);
    }

    public T[] List()
    {
        lock (gate) return [.. items.Values];
    }

    public T[] ListNamespace(string ns)
    {
        lock (gate) return [.. items.Where(item => item.Key.Namespace == ns).Select(item => item.Value)];
    }

    public T[] ByIndex(string index, string key)
    {
        lock (gate)
        {
            if (!indexes.TryGetValue(index, out var keys))
                throw new ArgumentException($"The store of {typeof(T).Name} has no index '{index}': name it at AddInformer.", nameof(index));
            return keys.TryGetValue(key, out var names) ? [.. names.Select(name => items[name])] : [];
        }
    }

    /// <returns>What changed; null where the object is the version that is there, or an older one.</returns>
    public StoreEvent<T>? Upsert(T value)
    {
        var name = NamespacedName.Of(value);
        lock (gate)
        {
            var old = items.GetValueOrDefault(name);
            if (old is not null && IsStale(value, old)) return null;
            Put(name, old, value);
            return new(old is null ? StoreEventKind.Added : StoreEventKind.Modified, old, value, false);
        }
    }

    public StoreEvent<T>? Remove(T last)
    {
        var name = NamespacedName.Of(last);
        lock (gate)
        {
            if (!items.Remove(name, out var old)) return null;
            Unindex(name, old);
            return new(StoreEventKind.Deleted, old, last, false);
        }
    }

    /// <summary>
    /// Makes a complete list the content, at once for readers, and returns the difference: what a watch that was cut
    /// for a while would have said.
    /// </summary>
    public List<StoreEvent<T>> Replace(IEnumerable<T> list, bool isInitial)
    {
        var next = new Dictionary<NamespacedName, T>();
        foreach (var value in list) next[NamespacedName.Of(value)] = value;
        var changes = new List<StoreEvent<T>>();
        lock (gate)
        {
            foreach (var (name, value) in next)
            {
                if (!items.TryGetValue(name, out var old)) changes.Add(new(StoreEventKind.Added, null, value, isInitial));
                else if (old.Metadata.Uid != value.Metadata.Uid)
                {
                    changes.Add(new(StoreEventKind.Deleted, old, old, isInitial));
                    changes.Add(new(StoreEventKind.Added, null, value, isInitial));
                }
                else if (old.Metadata.ResourceVersion != value.Metadata.ResourceVersion)
                    changes.Add(new(StoreEventKind.Modified, old, value, isInitial));
            }
            foreach (var (name, old) in items)
                if (!next.ContainsKey(name)) changes.Add(new(StoreEventKind.Deleted, old, old, isInitial));
            items = next;
            foreach (var keys in indexes.Values) keys.Clear();
            foreach (var (name, value) in next) Index(name, value);
        }
        return changes;
    }

    private static bool IsStale(T value, T old) =>
        value.Metadata.ResourceVersion == old.Metadata.ResourceVersion
        || ResourceVersions.IsOlder(value.Metadata.ResourceVersion, old.Metadata.ResourceVersion);

    private void Put(NamespacedName name, T? old, T value)
    {
        if (old is not null) Unindex(name, old);
        items[name] = value;
        Index(name, value);
    }

    private void Index(NamespacedName name, T value)
    {
        foreach (var (index, keysOf) in indexers)
        {
            var keys = indexes[index];
            foreach (var key in keysOf(value))
            {
                if (!keys.TryGetValue(key, out var names)) keys[key] = names = [];
                names.Add(name);
            }
        }
    }

    private void Unindex(NamespacedName name, T old)
    {
        foreach (var (index, keysOf) in indexers)
        {
            var keys = indexes[index];
            foreach (var key in keysOf(old))
                if (keys.TryGetValue(key, out var names) && names.Remove(name) && names.Count == 0) keys.Remove(key);
        }
    }
}
