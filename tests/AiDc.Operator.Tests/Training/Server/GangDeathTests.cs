using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Tests.Training.Distributed;
using AiDc.Testing;
using Microsoft.AspNetCore.Http;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>Operators die at every write that they make for a distributed gang; the next one goes on, in the same group or in one after it.</summary>
[TestFixture, Category("Integration")]
internal sealed class GangDeathTests
{
    /// <summary>The membership, the deletion of the lost worker's pod, its replacement, and what is reported of them.</summary>
    [Test]
    public async Task Dying_at_any_write_of_a_recovery([Values(1, 2, 3, 4)] int write, [Values] bool served)
    {
        using var cluster = await TestCluster.CreateAsync();
        var workers = new SimulatedWorkers();
        var job = await StartAsync(cluster, workers);
        await cluster.EndAsync("digits-worker-1-1", 1, "crashed");
        workers.Of(job.Status.Membership!.Members[1].PodUid).IsAlive = false;

        await LiveUntilAsync(cluster, workers, write, served);
        await using var next = await GangOperator.StartAsync(cluster, workers);
        job = await RecoverAsync(cluster);

        Assert.That((job.Status.Attempt, job.Status.Restarts, job.Status.CountedRestarts), Is.EqualTo((1, 0, 1)), "counted once, whoever died");
        Assert.That(await cluster.PodNamesAsync(), Does.Contain("digits-worker-1-1-1").And.None.EqualTo("digits-worker-1-1-2").And.None.Contains("-2-1-"));
        Assert.That(job.Status.LastFailure, Has.Property("ExitCode").EqualTo(1).And.Property("Pod").EqualTo("digits-worker-1-1"));
        var members = job.Status.Membership!;
        Assert.That(workers.All.Where(w => w.IsAlive && w.Standing.InGroup).Select(w => w.Standing.Generation), Is.All.EqualTo(members.Generation), "nobody trains in another group");
        Assert.That(workers.All.Where(w => w.Standing.InGroup && w.IsAlive).Select(w => w.Standing.CommittedStep), Is.All.GreaterThanOrEqualTo(11), "no step was lost");
    }

    [Test]
    public async Task Scaling_by_the_scale_subresource_resizes_what_runs()
    {
        using var cluster = await TestCluster.CreateAsync();
        var workers = new SimulatedWorkers();
        await StartAsync(cluster, workers);
        await using var host = await GangOperator.StartAsync(cluster, workers);

        await TrainingPlane.KubectlAsync("scale", "tj/digits", "--replicas=4", "-n", cluster.Namespace);
        await Eventually.Assert(async () =>
        {
            await GangOperator.RunPodsAsync(cluster);
            host.Live();
            return await cluster.JobAsync("digits") is { Status.Membership: { Members.Count: 4, FirstStep: not null } };
        }, what: "four train");

        var job = await cluster.WaitAsync("digits", j => j.Status.Workers is { Ready: 4, Desired: 4 });
        Assert.That((job.Status.Attempt, job.Status.Restarts, job.Status.Workers!.Selector), Is.EqualTo((1, 0, $"aidc.dev/job-uid={job.Metadata.Uid}")));
        var shown = await TrainingPlane.KubectlAsync("get", "--raw", $"/apis/aidc.dev/v1alpha1/namespaces/{cluster.Namespace}/trainingjobs/digits/scale");
        Assert.That(shown, Does.Contain("\"replicas\":4").And.Contain("\"selector\":\"aidc.dev/job-uid="));
    }

    /// <summary>Three workers that train, and the operator that started them gone.</summary>
    private static async Task<TrainingJob> StartAsync(TestCluster cluster, SimulatedWorkers workers)
    {
        await cluster.ApplyAsync("digits", Given.BuiltIn(s => s with { Workers = new() { Replicas = 3, Min = 1 } }).Spec);
        await using var host = await GangOperator.StartAsync(cluster, workers);
        await Eventually.Assert(async () =>
        {
            await GangOperator.RunPodsAsync(cluster);
            host.Live();
            return await cluster.JobAsync("digits") is { Status.Membership: { Members.Count: 3, FirstStep: not null } };
        }, what: "three train");
        workers.Steps(10);
        return await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);
    }

    /// <param name="death">Of the operator: then it is waited for no longer.</param>
    private static async Task<TrainingJob> RecoverAsync(TestCluster cluster, Task? death = null)
    {
        await Eventually.Assert(async () =>
        {
            if (death is { IsCompleted: true }) return true;
            await GangOperator.RunPodsAsync(cluster);
            await cluster.FinishDeletionsAsync();
            GangOperator.Newest?.Live();
            return await cluster.JobAsync("digits") is { Status: { Membership: { Members.Count: 3, FirstStep: not null }, LastFailure.ResumedAt: not null } };
        }, TimeSpan.FromSeconds(40), "three train again");
        return await cluster.JobAsync("digits");
    }

    private static async Task LiveUntilAsync(TestCluster cluster, SimulatedWorkers workers, int write, bool served)
    {
        await using var proxy = await FaultProxy.StartAsync(TrainingPlane.Plane);
        var death = new TaskCompletionSource();
        var writes = 0;
        proxy.Next(
            request =>
            {
                if (!IsWrite(request) || Interlocked.Increment(ref writes) != write) return false;
                death.TrySetResult();
                return true;
            },
            served ? new Fault.LoseAnswer() : new Fault.Disconnect());
        proxy.Next(request => IsWrite(request) && Volatile.Read(ref writes) > write, new Fault.Disconnect(), int.MaxValue);
        await using var operatorToDie = await GangOperator.StartAsync(cluster, workers, proxy);
        await RecoverAsync(cluster, death.Task);
        proxy.Disconnect();
    }

    private static bool IsWrite(HttpRequest request) =>
        request.Method != "GET" && !request.Path.Value!.Contains("/events", StringComparison.Ordinal);

    /// <summary>An operator, and what it hears of the workers.</summary>
    private sealed class GangOperator : IAsyncDisposable
    {
        private readonly TestOperator host;
        private readonly GangBoard board;
        private readonly SimulatedWorkers workers;
        private readonly TestCluster cluster;

        private GangOperator(TestOperator host, GangBoard board, SimulatedWorkers workers, TestCluster cluster) =>
            (this.host, this.board, this.workers, this.cluster) = (host, board, workers, cluster);

        public static GangOperator? Newest { get; private set; }

        public static async Task<GangOperator> StartAsync(TestCluster cluster, SimulatedWorkers workers, FaultProxy? proxy = null)
        {
            var board = new GangBoard(workers, TimeProvider.System);
            return Newest = new(await TestOperator.StartAsync(cluster.Namespace, proxy, board), board, workers, cluster);
        }

        public static async Task RunPodsAsync(TestCluster cluster)
        {
            foreach (var pod in await cluster.PodsAsync())
                if (pod.Spec.NodeName is null && pod.Metadata.DeletionTimestamp is null) await cluster.RunAsync(pod.Metadata.Name, TrainingPlane.Node);
        }

        /// <summary>Who lives speaks, and who trains makes a step.</summary>
        public void Live()
        {
            var job = cluster.JobAsync("digits").GetAwaiter().GetResult();
            var pods = cluster.PodsAsync().GetAwaiter().GetResult();
            board.Change(new(cluster.Namespace, "digits", job.Metadata.Uid), () =>
            {
                foreach (var pod in pods.Where(p => p.Status.Phase == "Running" && p.Metadata.DeletionTimestamp is null))
                    workers.Hello(int.Parse(pod.Metadata.Labels[Labels.WorkerIndex], System.Globalization.CultureInfo.InvariantCulture), 1, pod.Metadata.Uid, TimeProvider.System.GetElapsedTime(0));
                workers.Steps(1);
            });
        }

        public ValueTask DisposeAsync() => host.DisposeAsync();
    }
}
