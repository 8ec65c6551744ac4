using AiDc.ControllerRuntime.Client;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>The control plane with all of its programs, as other test assemblies start it.</summary>
[Category("Integration")]
public sealed class ControlPlaneTests
{
    [Test]
    public async Task With_its_controllers_jobs_get_pods_pods_get_nodes_and_garbage_is_collected()
    {
        await using var plane = await ControlPlane.StartAsync(new() { ServiceAccounts = true, ControllerManager = true, Scheduler = true });
        await using var runtime = await TestRuntime.StartAsync();
        using var client = runtime.CreateClient(plane.Configuration(), new());
        var ns = (await TestNamespace.CreateAsync(plane)).Name;
        await client.CreateAsync(TestNode.Named("node-1").Resource("nvidia.com/gpu", "4").Build(), default);
        var template = TestPod.Named(ns, "unused").Build();
        await client.CreateAsync(
            new V1Job
            {
                Metadata = new() { Name = "job", NamespaceProperty = ns },
                Spec = new() { Parallelism = 2, Completions = 2, Template = new() { Metadata = new(), Spec = template.Spec } },
            },
            default);
        // The client waits by itself for the service account of the young namespace (ServerTimeout).
        await client.CreateAsync(TestPod.Named(ns, "own").Build(), default);

        await Eventually.Assert(async () => await BoundAsync(client, ns) == 3, TimeSpan.FromSeconds(60));
        await client.DeleteAsync<V1Job>(new(ns, "job"), new(PropagationPolicy: "Background"), default);
        await Eventually.Assert(
            async () => (await client.ListAsync<V1Pod>(ns, null, default)).Items.Where(p => p.Metadata.Name != "own").All(p => p.Metadata.DeletionTimestamp is not null),
            TimeSpan.FromSeconds(60));
    }

    private static async Task<int> BoundAsync(KubernetesApiClient client, string ns) =>
        (await client.ListAsync<V1Pod>(ns, null, default)).Items.Count(p => p.Spec.NodeName == "node-1");
}
