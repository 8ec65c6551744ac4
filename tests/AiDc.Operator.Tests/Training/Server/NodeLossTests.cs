using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>Nodes with real objects and real leases: the test renews them as kubelets do, and stops.</summary>
[TestFixture, Category("Integration")]
internal sealed class NodeLossTests
{
    private const int LeaseSeconds = 2;

    [Test]
    public async Task A_gang_of_own_images_starts_again_elsewhere_once_the_lease_of_a_node_has_stopped()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var nodes = await Kubelets.StartAsync(cluster, "stays", "goes");
        await using var host = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 2);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1");
        await cluster.RunAsync("digits-worker-0-1", nodes.Name("stays"));
        await cluster.RunAsync("digits-worker-1-1", nodes.Name("goes"));
        await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);

        nodes.Stop("goes");

        var job = await cluster.WaitAsync("digits", j => j.Status.Attempt == 2);
        Assert.That(job.Status.LastFailure, Has.Property("Reason").EqualTo(Reasons.NodeLost).And.Property("Node").EqualTo(nodes.Name("goes")));
        Assert.That((job.Status.CountedRestarts, job.Status.AvoidedNodes!.Single().Name), Is.EqualTo((0, nodes.Name("goes"))));
        await Eventually.Assert(async () => (await cluster.PodNamesAsync()).All(n => n != "digits-worker-1-1"), what: "nothing hangs in Terminating: no kubelet would end it");
        await Eventually.Assert(async () => (await cluster.PodNamesAsync()).Contains("digits-worker-1-2"), what: "the next attempt");
        var pod = (await cluster.PodsAsync()).Single(p => p.Metadata.Name == "digits-worker-1-2");
        Assert.That(pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms.Single().MatchFields.Select(f => f.Values.Single()),
            Does.Contain(nodes.Name("goes")));
    }

    [Test]
    public async Task A_deleted_node_is_lost_at_once()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var nodes = await Kubelets.StartAsync(cluster, "stays", "goes");
        await using var host = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 1);
        await cluster.WaitForPodsAsync("digits-worker-0-1");
        await cluster.RunAsync("digits-worker-0-1", nodes.Name("goes"));
        await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);

        await cluster.Client.DeleteAsync<V1Node>(new(null, nodes.Name("goes")), null, default);

        var job = await cluster.WaitAsync("digits", j => j.Status.Attempt == 2);
        Assert.That((job.Status.LastFailure!.Reason, job.Status.CountedRestarts), Is.EqualTo((Reasons.NodeDeleted, 0)));
    }

    [Test]
    public async Task A_GPU_that_its_device_plugin_withdraws_moves_the_gang_off_the_node()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var nodes = await Kubelets.StartAsync(cluster, "gpus");
        await using var host = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 1, s => s with { Resources = new() { Gpus = 2 } });
        await cluster.WaitForPodsAsync("digits-worker-0-1");
        await cluster.RunAsync("digits-worker-0-1", nodes.Name("gpus"));
        await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);

        await cluster.Client.PatchMergeAsync<V1Node>(
            new(null, nodes.Name("gpus")), new { status = new { allocatable = new Dictionary<string, string> { ["nvidia.com/gpu"] = "1" } } }, default, "status");

        var job = await cluster.WaitAsync("digits", j => j.Status.Attempt == 2);
        Assert.That(job.Status.LastFailure, Has.Property("Reason").EqualTo(Reasons.GpuWithdrawn).And.Property("Message").Contains("fewer than the 2 in use"));
    }

    /// <summary>Nodes of the test's own, with leases that are renewed until they are stopped.</summary>
    private sealed class Kubelets : IAsyncDisposable
    {
        private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(300);
        private readonly TestCluster cluster;
        private readonly CancellationTokenSource stop = new();
        private readonly HashSet<string> stopped = [];
        private Task renewing = Task.CompletedTask;

        private Kubelets(TestCluster cluster) => this.cluster = cluster;

        public static async Task<Kubelets> StartAsync(TestCluster cluster, params string[] names)
        {
            var kubelets = new Kubelets(cluster);
            foreach (var name in names)
            {
                await cluster.Client.CreateAsync(TestNode.Named(kubelets.Name(name)).Resource("nvidia.com/gpu", "2").Build(), default);
                await cluster.Client.CreateAsync(new V1Lease
                {
                    ApiVersion = "coordination.k8s.io/v1",
                    Kind = "Lease",
                    Metadata = new() { Name = kubelets.Name(name), NamespaceProperty = "kube-node-lease" },
                    Spec = new() { HolderIdentity = name, LeaseDurationSeconds = LeaseSeconds, RenewTime = TimeProvider.System.GetUtcNow().UtcDateTime },
                }, default);
            }
            kubelets.renewing = kubelets.RenewAsync(names);
            return kubelets;
        }

        public string Name(string name) => $"{cluster.Namespace}-{name}";

        public void Stop(string name)
        {
            lock (stopped) stopped.Add(name);
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await renewing;
            stop.Dispose();
        }

        private async Task RenewAsync(string[] names)
        {
            using var timer = new PeriodicTimer(Every, TimeProvider.System);
            try
            {
                while (await timer.WaitForNextTickAsync(stop.Token))
                    foreach (var name in names)
                    {
                        lock (stopped)
                            if (stopped.Contains(name)) continue;
                        var renewTime = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffK", System.Globalization.CultureInfo.InvariantCulture);
                        await cluster.Client.PatchMergeAsync<V1Lease>(new("kube-node-lease", Name(name)), new { spec = new { renewTime } }, stop.Token);
                    }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
        }
    }
}
