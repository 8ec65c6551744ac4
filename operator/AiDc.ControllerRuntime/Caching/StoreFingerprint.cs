using System.Security.Cryptography;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>
/// Finds, in tests, who breaks the rule that objects of a store are read-only: take one before, ask it after.
/// </summary>
public sealed class StoreFingerprint<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly IStore<T> store;
    private readonly Dictionary<NamespacedName, (T Value, string Hash)> before;

    public StoreFingerprint(IStore<T> store)
    {
        this.store = store;
        before = store.List().ToDictionary(NamespacedName.Of, value => (value, Hash(value)));
    }

    /// <summary>Names of objects that are still the same instance and no longer say the same.</summary>
    public IReadOnlyList<NamespacedName> Mutated() =>
        [.. before.Where(b => ReferenceEquals(store.Get(b.Key), b.Value.Value) && Hash(b.Value.Value) != b.Value.Hash).Select(b => b.Key)];

    private static string Hash(T value) => Convert.ToHexString(SHA256.HashData(RuntimeJson.ToUtf8(value)));
}
