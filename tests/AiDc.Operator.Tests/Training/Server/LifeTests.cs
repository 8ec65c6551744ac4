using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>Whole lives of jobs against a real API server.</summary>
[TestFixture, Category("Integration"), Parallelizable(ParallelScope.All)]
internal sealed class LifeTests
{
    [Test]
    public async Task A_gang_is_created_runs_and_succeeds()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);

        await cluster.ApplyAsync("digits", 3);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1", "digits-worker-2-1");
        var job = await cluster.WaitAsync("digits", j => j.Status.Workers is { Members.Count: 3 });
        Assert.That((job.Status.Phase, job.Status.Workers!.Summary), Is.EqualTo((TrainingJobPhase.Pending, "0/3")));
        Assert.That(job.Status.Message, Does.StartWith("waiting for the scheduler"));

        var service = await cluster.Client.GetAsync<V1Service>(cluster.Name("digits-master"), default);
        var pods = await cluster.PodsAsync();
        Assert.That(Environment(pods[1])["MASTER_ADDR"], Is.EqualTo(service!.Spec.ClusterIP));
        Assert.That(Environment(pods[2])["RANK"], Is.EqualTo("2"));
        Assert.That(pods.Select(p => p.Metadata.OwnerReferences.Single().Uid), Is.All.EqualTo(job.Metadata.Uid));

        await cluster.RunAllAsync(attempt: 1);
        job = await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);
        Assert.That((job.Status.Workers!.Summary, job.Status.Message), Is.EqualTo(("3/3", "all 3 workers run")));

        foreach (var name in await cluster.PodNamesAsync()) await cluster.EndAsync(name, 0);
        job = await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Succeeded);
        Assert.That(ConditionHelper.IsTrue(job.Status.Conditions, ConditionTypes.Complete));
        Assert.That((await cluster.PodsAsync()).Select(p => p.Metadata.DeletionTimestamp), Is.All.Null);
    }

    [Test]
    public async Task The_table_that_kubectl_prints_tells_the_truth()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 1);
        await cluster.WaitForPodsAsync("digits-worker-0-1");
        await cluster.RunAllAsync(attempt: 1);
        await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);

        var lines = (await TrainingPlane.KubectlAsync("get", "tj", "-n", cluster.Namespace)).Split('\n');

        Assert.That(lines[0], Does.StartWith("NAME").And.Contain("PHASE").And.Contain("WORKERS").And.Contain("WHY"));
        Assert.That(lines[1], Does.Contain("Running").And.Contain("1/1").And.Contain("the worker runs"));
    }

    [Test]
    public async Task A_failed_worker_restarts_the_gang_and_its_last_words_are_kept()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 2);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1");
        await cluster.RunAllAsync(attempt: 1);
        await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);

        await cluster.EndAsync("digits-worker-1-1", 137, "step 41\nstep 42", reason: "OOMKilled");
        var job = await cluster.WaitAsync("digits", j => j.Status.Attempt == 2);
        Assert.That(job.Status.Phase, Is.EqualTo(TrainingJobPhase.Recovering));
        Assert.That((job.Status.LastFailure!.Worker, job.Status.LastFailure.Node, job.Status.LastFailure.ExitCode, job.Status.LastFailure.Reason, job.Status.LastFailure.LogTail),
            Is.EqualTo((1, TrainingPlane.Node, 137, Reasons.OutOfMemory, "step 41\nstep 42")));

        await cluster.WaitForPodsAsync("digits-worker-0-2", "digits-worker-1-2");
        await cluster.FinishDeletionsAsync();
        await cluster.RunAllAsync(attempt: 2);
        job = await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);
        Assert.That((job.Status.Restarts, job.Status.CountedRestarts), Is.EqualTo((1, 1)));
        Assert.That(job.Status.LastFailure!.ResumedAt, Is.Not.Null);
        var selector = (await cluster.Client.GetAsync<V1Service>(cluster.Name("digits-master"), default))!.Spec.Selector;
        Assert.That(selector[Labels.Attempt], Is.EqualTo("2"), "the Service leads to the new worker 0");
    }

    [Test]
    public async Task A_failed_job_keeps_the_pod_that_failed_and_ends_the_others()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 2, s => s with { Failure = new() { MaxRestarts = 0 } });
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1");
        await cluster.RunAllAsync(attempt: 1);

        await cluster.EndAsync("digits-worker-1-1", 1);

        var job = await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Failed);
        Assert.That(ConditionHelper.Find(job.Status.Conditions, ConditionTypes.Failed)!.Reason, Is.EqualTo(Reasons.TooManyRestarts));
        await cluster.WaitForPodsAsync("digits-worker-1-1");
    }

    [Test]
    public async Task Suspend_and_resume()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 2);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1");
        await cluster.RunAllAsync(attempt: 1);
        await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);

        await cluster.EditAsync("digits", new { suspend = true });
        await cluster.WaitForPodsAsync();
        var job = await cluster.WaitAsync("digits", j => ConditionHelper.IsTrue(j.Status.Conditions, ConditionTypes.Suspended));
        Assert.That(job.Status.Message, Does.StartWith("suspending: waiting for 2 pods"));
        await cluster.FinishDeletionsAsync();
        await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Suspended);

        await cluster.EditAsync("digits", new { suspend = false });
        await cluster.WaitForPodsAsync("digits-worker-0-2", "digits-worker-1-2");
        job = await cluster.JobAsync("digits");
        Assert.That((job.Status.Attempt, job.Status.Restarts, job.Status.SuspendedAt), Is.EqualTo((2, 0, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task An_invalid_job_makes_no_pod_and_starts_once_it_is_fixed()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        var builtIn = Given.BuiltIn(s => s with { Checkpoint = new() { Uri = "hostpath:///etc" } }).Spec;
        await cluster.ApplyAsync("digits", builtIn);

        var job = await cluster.WaitAsync("digits", j => ConditionHelper.Find(j.Status.Conditions, ConditionTypes.Valid)?.Status == "False");
        Assert.That(job.Status.Message, Does.Contain("spec.checkpoint.uri"));
        Assert.That(await cluster.PodsAsync(), Is.Empty);

        await cluster.EditAsync("digits", new { checkpoint = new { uri = "hostpath:///srv/aidc/digits" } });
        await cluster.WaitForPodsAsync("digits-worker-0-1");
    }

    [Test]
    public async Task An_edit_restarts_the_gang()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 2);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1");

        await cluster.EditAsync("digits", new { workers = new { replicas = 1 } });

        await cluster.WaitForPodsAsync("digits-worker-0-2");
        var job = await cluster.JobAsync("digits");
        Assert.That((job.Status.Restarts, job.Status.CountedRestarts, job.Status.LastFailure), Is.EqualTo((1, 0, (FailureStatus?)null)));
    }

    [Test]
    public async Task A_pod_deleted_by_somebody_restarts_the_gang_without_counting()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 2);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1");
        await cluster.RunAllAsync(attempt: 1);
        await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);

        await cluster.Client.DeleteAsync<V1Pod>(cluster.Name("digits-worker-0-1"), new(GracePeriodSeconds: 0), default);

        await cluster.WaitForPodsAsync("digits-worker-0-2", "digits-worker-1-2");
        var job = await cluster.JobAsync("digits");
        Assert.That((job.Status.CountedRestarts, job.Status.LastFailure!.Reason, job.Status.LastFailure.Worker), Is.EqualTo((0, Reasons.PodDeleted, 0)));
    }

    [Test]
    public async Task A_gang_that_does_not_start_is_released_and_tried_again()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 2, s => s with { Failure = new() { StartTimeout = "1s" } });

        var job = await cluster.WaitAsync("digits", j => j.Status.Attempt >= 2);

        Assert.That((job.Status.LastFailure!.Reason, job.Status.CountedRestarts), Is.EqualTo((Reasons.StartTimeout, 0)));
        Assert.That(job.Status.LastFailure.Message, Does.Contain("spec.failure.startTimeout (1s): waiting for the scheduler"));
    }

    [Test]
    public async Task A_job_beyond_its_deadline_fails()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 1, s => s with { ActiveDeadline = "1s" });

        var job = await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Failed);

        Assert.That(ConditionHelper.Find(job.Status.Conditions, ConditionTypes.Failed)!.Reason, Is.EqualTo(Reasons.DeadlineExceeded));
        await cluster.WaitForPodsAsync();
    }

    [Test]
    public async Task A_finished_job_is_deleted_after_its_time_and_its_pods_with_it()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 1, s => s with { TtlAfterFinished = "1s" });
        await cluster.WaitForPodsAsync("digits-worker-0-1");
        await cluster.EndAsync("digits-worker-0-1", 0);

        await Eventually.Assert(async () => await cluster.Client.GetAsync<TrainingJob>(cluster.Name("digits"), default) is null);
        await Eventually.Assert(async () => (await cluster.PodsAsync()).Count == 0);
    }

    [Test]
    public async Task A_job_deleted_in_full_run_takes_everything_with_it()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 3);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1", "digits-worker-2-1");
        await cluster.RunAllAsync(attempt: 1);

        await cluster.Client.DeleteAsync<TrainingJob>(cluster.Name("digits"), new(PropagationPolicy: "Background"), default);

        await Eventually.Assert(async () =>
        {
            await cluster.FinishDeletionsAsync();
            return (await cluster.PodsAsync()).Count == 0 && await cluster.Client.GetAsync<V1Service>(cluster.Name("digits-master"), default) is null;
        });
    }

    [Test]
    public async Task A_job_made_again_under_its_old_name_waits_for_the_pods_of_the_old_one()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 1);
        await cluster.WaitForPodsAsync("digits-worker-0-1");
        await cluster.RunAllAsync(attempt: 1);
        var old = (await cluster.PodsAsync()).Single().Metadata.Uid;

        await cluster.Client.DeleteAsync<TrainingJob>(cluster.Name("digits"), new(PropagationPolicy: "Background"), default);
        await cluster.ApplyAsync("digits", 1);
        await cluster.WaitAsync("digits", j => j.Status.Message.Contains("digits-worker-0-1 exists and belongs to", StringComparison.Ordinal));

        await Eventually.Assert(async () =>
        {
            await cluster.FinishDeletionsAsync();
            return (await cluster.PodsAsync()) is [var pod] && pod.Metadata.Uid != old;
        });
    }

    [Test]
    public async Task What_workers_report_is_in_the_status()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Given.BuiltIn().Spec);
        await cluster.WaitForPodsAsync("digits-worker-0-1");
        await cluster.RunAllAsync(attempt: 1);
        var job = await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Running);
        var now = TimeProvider.System.GetUtcNow();

        running.Board.Put(new(new(cluster.Namespace, "digits", job.Metadata.Uid), 1)
        {
            FirstStepAt = now,
            LastHeardAt = now,
            Checkpoint = new(1, 40, "/checkpoint/g1-s40-abc", 1000, 0.1, now),
            Training = new() { Epoch = 2, Epochs = 10, Step = 50, TotalSteps = 200, Loss = 0.25, SamplesPerSecond = 3200, StepSeconds = 0.02, UpdatedAt = now },
        });

        job = await cluster.WaitAsync("digits", j => j.Status.Progress is not null);
        Assert.That(job.Status.FirstStepTime, Is.Not.Null);
        Assert.That((job.Status.Progress!.Summary, job.Status.Progress.Eta, job.Status.Progress.Loss), Is.EqualTo(("25% (2/10)", "3s", 0.25)));
        Assert.That(job.Status.Checkpoint!.Uri, Is.EqualTo("pvc://models/digits/g1-s40-abc"));

        await cluster.EndAsync("digits-worker-0-1", 0, """{"result":{"uri":"/checkpoint/model","metrics":{"testAccuracy":0.991}}}""");
        job = await cluster.WaitAsync("digits", j => j.Status.Phase == TrainingJobPhase.Succeeded);
        Assert.That((job.Status.Result!.Uri, job.Status.Result.Metrics!["testAccuracy"]), Is.EqualTo(("pvc://models/digits/model", 0.991)));
    }

    [Test]
    public async Task An_operator_that_starts_writes_nothing_where_all_is_as_it_should_be()
    {
        using var cluster = await TestCluster.CreateAsync();
        string[] versions;
        await using (var first = await TestOperator.StartAsync(cluster.Namespace))
        {
            await cluster.ApplyAsync("running", 2);
            await cluster.ApplyAsync("invalid", Given.BuiltIn(s => s with { Checkpoint = new() { Uri = "hostpath:///etc" } }).Spec);
            await cluster.ApplyAsync("suspended", 1, s => s with { Suspend = true });
            await cluster.WaitForPodsAsync("running-worker-0-1", "running-worker-1-1");
            await cluster.RunAllAsync(attempt: 1);
            var job = await cluster.WaitAsync("running", j => j.Status.Phase == TrainingJobPhase.Running);
            var now = TimeProvider.System.GetUtcNow();
            first.Board.Put(new(new(cluster.Namespace, "running", job.Metadata.Uid), 1)
            {
                FirstStepAt = now,
                Checkpoint = new(1, 40, "/checkpoint/g1-s40-abc", 1000, 0.1, now),
                Training = new() { Step = 50, TotalSteps = 200, Loss = 1.0 / 3, Metrics = new Dictionary<string, double> { ["a"] = 0.1 }, SamplesPerSecond = 1e9 / 7, StepSeconds = 0.02, UpdatedAt = now },
            });
            await cluster.WaitAsync("running", j => j.Status.Progress is not null);
            await cluster.WaitAsync("invalid", j => j.Status.ObservedGeneration is not null);
            await cluster.WaitAsync("suspended", j => j.Status.Phase == TrainingJobPhase.Suspended);
            await cluster.EndAsync("running-worker-0-1", 0);
            await cluster.WaitAsync("running", j => j.Status.Message.EndsWith("1 succeeded", StringComparison.Ordinal));
            versions = await VersionsAsync();
        }

        await using var second = await TestOperator.StartAsync(cluster.Namespace);
        // Those that were there wait in the queue's slow lane; a new one waits for the caches in between, which gives them their turn.
        await cluster.ApplyAsync("later", 1);
        await cluster.WaitAsync("later", j => j.Status.Workers is { Members.Count: 1 });

        Assert.That(await VersionsAsync(), Is.EqualTo(versions));

        async Task<string[]> VersionsAsync() =>
            [.. await Task.WhenAll(new[] { "running", "invalid", "suspended" }.Select(async name => (await cluster.JobAsync(name)).Metadata.ResourceVersion))];
    }

    private static Dictionary<string, string?> Environment(V1Pod pod) => pod.Spec.Containers[0].Env.ToDictionary(e => e.Name, e => (string?)e.Value);
}
