using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>Gives each config map with the label "marked" one pod; and does what its script says, before.</summary>
internal sealed class MarkedMapReconciler(
    IStore<V1ConfigMap> maps, IStore<V1Pod> pods, IKubernetesClient client, ConsistencyStore consistency, MarkedMapScript script) : IReconciler
{
    public async Task<Result> ReconcileAsync(Request request, CancellationToken ct)
    {
        if (maps.Get(request.Name) is not { } map || map.Metadata.Labels?.ContainsKey("marked") != true) return Result.Done;
        await script.EnterAsync(request.Name.Name, ct);
        try
        {
            var pod = TestPod.Named(map.Metadata.NamespaceProperty, map.Metadata.Name + "-pod").OwnedBy(map).Build();
            if (pods.Get(NamespacedName.Of(pod)) is not null) return Result.Done;
            consistency.WroteAt<V1Pod>(OwnerKey.Of<V1ConfigMap>(request.Name), (await client.CreateFastAsync(pod, ct)).ResourceVersion);
            return Result.Done;
        }
        finally
        {
            script.Leave(request.Name.Name);
        }
    }
}
