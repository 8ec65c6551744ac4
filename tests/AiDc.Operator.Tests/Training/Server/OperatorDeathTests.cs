using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Testing;
using k8s;
using Microsoft.AspNetCore.Http;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>Operators die at every write they make; the next one goes on. Nothing is created twice, nothing is lost.</summary>
[TestFixture, Category("Integration")]
internal sealed class OperatorDeathTests
{
    /// <summary>The status, the Service and three pods, the status again; one more than there are is a life without death.</summary>
    [Test]
    public async Task Dying_at_any_write_of_a_start(
        [Values(1, 2, 3, 4, 5, 6)] int write, [Values] bool served)
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var pods = PodHistory.Watch(cluster.Namespace);
        await cluster.ApplyAsync("digits", 3);

        await LiveUntilAsync(cluster, write, served, () => cluster.WaitAsync("digits", j => j.Status.Workers is { Members.Count: 3 }));
        await using var next = await TestOperator.StartAsync(cluster.Namespace);

        var job = await cluster.WaitAsync("digits", j => j.Status.Workers is { Members.Count: 3 });
        Assert.That(await cluster.PodNamesAsync(), Is.EqualTo(new[] { "digits-worker-0-1", "digits-worker-1-1", "digits-worker-2-1" }));
        Assert.That((job.Status.Attempt, job.Status.Restarts), Is.EqualTo((1, 0)));
        Assert.That(await pods.CreatedAsync(), Is.EquivalentTo(await cluster.PodNamesAsync()), "each of them once, and no others");
    }

    /// <summary>The status, the deletion of both pods, the Service, two pods, the status.</summary>
    [Test]
    public async Task Dying_at_any_write_of_a_restart(
        [Values(1, 2, 3, 4, 5, 6, 7)] int write, [Values] bool served)
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var pods = PodHistory.Watch(cluster.Namespace);
        await using (await TestOperator.StartAsync(cluster.Namespace))
        {
            await cluster.ApplyAsync("digits", 2);
            await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1");
            await cluster.RunAllAsync(attempt: 1);
            await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);
        }
        await cluster.EndAsync("digits-worker-1-1", 7);

        await LiveUntilAsync(cluster, write, served, () => cluster.WaitAsync("digits", j => j.Status.Workers is { Attempt: 2, Members.Count: 2 }));
        await using var next = await TestOperator.StartAsync(cluster.Namespace);

        var job = await cluster.WaitAsync("digits", j => j.Status.Workers is { Attempt: 2, Members.Count: 2 });
        await cluster.WaitForPodsAsync("digits-worker-0-2", "digits-worker-1-2");
        Assert.That((job.Status.Attempt, job.Status.Restarts, job.Status.CountedRestarts, job.Status.LastFailure!.ExitCode), Is.EqualTo((2, 1, 1, 7)));
        Assert.That(await pods.CreatedAsync(), Is.EquivalentTo(new[] { "digits-worker-0-1", "digits-worker-1-1", "digits-worker-0-2", "digits-worker-1-2" }));
    }

    /// <summary>No operator of this life survives its third write.</summary>
    [Test]
    public async Task A_whole_life_in_which_every_operator_dies_at_one_of_its_first_writes()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var pods = PodHistory.Watch(cluster.Namespace);

        await cluster.ApplyAsync("digits", 2, s => s with { TtlAfterFinished = "0s" });
        await GenerationsAsync(cluster, j => j?.Status.Workers is { Members.Count: 2 });
        await cluster.RunAllAsync(attempt: 1);
        await GenerationsAsync(cluster, j => j?.Status.Phase == TrainingJobPhase.Running);
        await cluster.EndAsync("digits-worker-0-1", 1);
        await GenerationsAsync(cluster, j => j?.Status.Workers is { Attempt: 2, Members.Count: 2 });
        await cluster.FinishDeletionsAsync();
        await cluster.RunAllAsync(attempt: 2);
        await cluster.EditAsync("digits", new { suspend = true });
        await GenerationsAsync(cluster, j => j?.Status.Phase == TrainingJobPhase.Suspended);
        await cluster.EditAsync("digits", new { suspend = false });
        await GenerationsAsync(cluster, j => j?.Status.Workers is { Attempt: 3, Members.Count: 2 });
        await cluster.RunAllAsync(attempt: 3);
        var job = await cluster.JobAsync("digits");
        Assert.That((job.Status.Restarts, job.Status.CountedRestarts), Is.EqualTo((1, 1)));
        await cluster.EndAsync("digits-worker-0-3", 0);
        await cluster.EndAsync("digits-worker-1-3", 0);
        await GenerationsAsync(cluster, j => j is null);

        Assert.That(await pods.CreatedAsync(), Is.EquivalentTo(
            from attempt in new[] { 1, 2, 3 } from index in new[] { 0, 1 } select Names.WorkerPod("digits", index, attempt)));
    }

    [Test]
    public async Task Two_operators_at_once_do_what_one_does()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var pods = PodHistory.Watch(cluster.Namespace);
        await using var one = await TestOperator.StartAsync(cluster.Namespace);
        await using var other = await TestOperator.StartAsync(cluster.Namespace);

        string[] jobs = ["a", "b", "c", "d", "e"];
        await Task.WhenAll(jobs.Select(name => cluster.ApplyAsync(name, 4)));
        foreach (var name in jobs) await cluster.WaitAsync(name, j => j.Status.Workers is { Members.Count: 4 });
        await cluster.RunAllAsync(attempt: 1);
        foreach (var name in jobs) await cluster.WaitAsync(name, j => j.Status.Phase == TrainingJobPhase.Running);
        foreach (var name in jobs) await cluster.EndAsync(Names.WorkerPod(name, 2, 1), 9);
        foreach (var name in jobs) await cluster.WaitAsync(name, j => j.Status.Workers is { Attempt: 2, Members.Count: 4 });

        foreach (var name in jobs)
        {
            var job = await cluster.JobAsync(name);
            Assert.That((job.Status.Attempt, job.Status.Restarts, job.Status.CountedRestarts), Is.EqualTo((2, 1, 1)), name);
        }
        Assert.That(await pods.CreatedAsync(), Is.EquivalentTo(
            from name in jobs from attempt in new[] { 1, 2 } from index in Enumerable.Range(0, 4) select Names.WorkerPod(name, index, attempt)));
    }

    /// <summary>Runs an operator that dies at one of its writes; or until it has done its work, where it makes fewer.</summary>
    /// <param name="served">Whether the server still gets to see the write at which it dies.</param>
    private static async Task LiveUntilAsync(TestCluster cluster, int write, bool served, Func<Task> done)
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
        // A dead operator makes no further write.
        proxy.Next(request => IsWrite(request) && Volatile.Read(ref writes) > write, new Fault.Disconnect(), int.MaxValue);
        await using var operatorToDie = await TestOperator.StartAsync(cluster.Namespace, proxy);
        await Task.WhenAny(death.Task, done());
        proxy.Disconnect();
    }

    /// <summary>
    /// One operator after the other, which die at their first, second and third write in turn. (All at the first would not do: the
    /// first write may be one that the server answers with "exists already", and that answer is lost.)
    /// </summary>
    private static async Task GenerationsAsync(TestCluster cluster, Func<TrainingJob?, bool> done)
    {
        async Task<bool> IsDoneAsync()
        {
            await cluster.FinishDeletionsAsync();
            return done(await cluster.Client.GetAsync<TrainingJob>(cluster.Name("digits"), default));
        }
        for (var generation = 1; generation <= 30; generation++)
        {
            if (await IsDoneAsync()) return;
            await LiveUntilAsync(cluster, write: 1 + (generation % 3), served: generation % 2 == 0, () => Eventually.Assert(IsDoneAsync));
        }
        Assert.That(await IsDoneAsync(), "after 30 operators");
    }

    // Events are told on a best effort and are no steps of a plan.
    private static bool IsWrite(HttpRequest request) =>
        request.Method != "GET" && !request.Path.Value!.Contains("/events", StringComparison.Ordinal);

    /// <summary>Every creation of a pod that a namespace has seen.</summary>
    private sealed class PodHistory : IAsyncDisposable
    {
        private readonly Kubernetes kubernetes = new(TrainingPlane.Plane.Configuration());
        private readonly CancellationTokenSource stop = new();
        private readonly List<(string Name, string Uid)> seen = [];
        private readonly string ns;
        private readonly Task watching;
        private string? version;

        private PodHistory(string ns)
        {
            this.ns = ns;
            watching = WatchAsync();
        }

        public static PodHistory Watch(string ns) => new(ns);

        /// <summary>The names, one for each pod that was created, up to now.</summary>
        public async Task<IReadOnlyList<string>> CreatedAsync()
        {
            var now = ulong.Parse((await kubernetes.CoreV1.ListNamespacedPodAsync(ns)).Metadata.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture);
            // A change of our own, to see the watch pass by it.
            await kubernetes.CoreV1.CreateNamespacedPodAsync(
                new() { Metadata = new() { Name = $"mark-{now}" }, Spec = new() { Containers = [new() { Name = "none", Image = "none" }] } }, ns);
            await Eventually.Assert(() => { lock (seen) return seen.Any(s => s.Name == $"mark-{now}"); });
            await kubernetes.CoreV1.DeleteNamespacedPodAsync($"mark-{now}", ns, gracePeriodSeconds: 0);
            lock (seen) return [.. seen.Distinct().Where(s => !s.Name.StartsWith("mark-", StringComparison.Ordinal)).Select(s => s.Name)];
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await watching;
            kubernetes.Dispose();
            stop.Dispose();
        }

        private async Task WatchAsync()
        {
            try
            {
                version = (await kubernetes.CoreV1.ListNamespacedPodAsync(ns)).Metadata.ResourceVersion;
                await foreach (var (kind, pod) in kubernetes.CoreV1.WatchListNamespacedPodAsync(ns, resourceVersion: version, cancellationToken: stop.Token))
                    if (kind == WatchEventType.Added)
                        lock (seen) seen.Add((pod.Metadata.Name, pod.Metadata.Uid));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
        }
    }
}
