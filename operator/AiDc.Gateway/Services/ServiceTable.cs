using System.Collections.Concurrent;
using AiDc.Api;
using AiDc.ControllerRuntime;
using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Services;

/// <summary>All services, by namespace and the label that their pods carry. Written by the informers, read by every request.</summary>
internal sealed class ServiceTable(ServiceDependencies needs) : IDisposable
{
    /// <summary>Of the writers: a service that one of them drops must not get another's replica.</summary>
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<NamespacedName, Service> services = new();

    public IEnumerable<Service> All => services.Values;

    /// <returns>Null where there is no such InferenceService.</returns>
    public Service? Find(NamespacedName name) =>
        services.TryGetValue(KeyOf(name), out var service) && service.Config?.Name == name ? service : null;

    public void Configure(ServiceConfig config)
    {
        lock (gate) Of(KeyOf(config.Name)).Configure(config);
    }

    public void Forget(NamespacedName name)
    {
        var key = KeyOf(name);
        lock (gate)
            if (services.TryGetValue(key, out var service) && service.Config?.Name == name && service.Forget()) Drop(key);
    }

    /// <param name="label">Of the pod: the service that it belongs to.</param>
    public void Put(string label, ReplicaAddress replica)
    {
        lock (gate) Of(new(replica.Pod.Namespace, label)).Put(replica);
    }

    public void Remove(string label, NamespacedName pod)
    {
        var key = new NamespacedName(pod.Namespace, label);
        lock (gate)
            if (services.TryGetValue(key, out var service) && service.Remove(pod)) Drop(key);
    }

    public void Dispose()
    {
        foreach (var service in services.Values) service.Dispose();
    }

    private static NamespacedName KeyOf(NamespacedName service) => new(service.Namespace, Names.LabelValue(service.Name));

    private Service Of(NamespacedName key) => services.GetOrAdd(key, static (_, n) => new Service(n), needs);

    private void Drop(NamespacedName key)
    {
        if (services.TryRemove(key, out var service)) service.Dispose();
    }
}
