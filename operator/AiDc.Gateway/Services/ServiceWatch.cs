using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Services;

/// <summary>Keeps the table of services like the API server has them.</summary>
internal sealed class ServiceWatch(ResourceInformer<InferenceService> services, ResourceInformer<ServedPod> pods, ServiceTable table) : IHostedService
{
    /// <summary>Before the informers run, so that no change is missed.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.Subscribe(OnService);
        pods.Subscribe(OnPod);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void OnService(StoreEvent<InferenceService> change)
    {
        if (change.Kind == StoreEventKind.Deleted) table.Forget(NamespacedName.Of(change.Value));
        else table.Configure(ServiceConfigBuilder.Build(change.Value));
    }

    private void OnPod(StoreEvent<ServedPod> change)
    {
        var before = change.Old is { } old ? LabelOf(old) : null;
        var label = LabelOf(change.Value);
        var address = change.Kind == StoreEventKind.Deleted ? null : ReplicaAddressBuilder.Build(change.Value);
        if (before is not null && (before != label || address is null)) table.Remove(before, NamespacedName.Of(change.Value));
        if (label is not null && address is not null) table.Put(label, address);
    }

    private static string? LabelOf(ServedPod pod) => pod.Metadata.Labels?.TryGetValue(Labels.InferenceService, out var name) == true ? name : null;
}
