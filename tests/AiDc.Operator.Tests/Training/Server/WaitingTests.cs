using System.Text.Json.Nodes;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>Why a job does not run, in its status, in the words of whoever knows.</summary>
[TestFixture, Category("Integration")]
internal sealed class WaitingTests
{
    [Test]
    public async Task Unschedulable_in_the_words_of_the_scheduler()
    {
        const string words = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.";
        await Started(async (cluster, job) =>
        {
            await cluster.SetStatusAsync("digits-worker-0-1", "Pending", condition: new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = words });

            await Waits(cluster, Reasons.Unschedulable, words);
        });
    }

    [Test]
    public async Task An_image_that_cannot_be_pulled_and_the_cause_stays_while_the_pull_backs_off()
    {
        await Started(async (cluster, job) =>
        {
            await cluster.BindAsync("digits-worker-0-1");
            await cluster.SetStatusAsync("digits-worker-0-1", "Pending", new() { Waiting = new() { Reason = "ErrImagePull", Message = "registry/own:1: not found" } });
            await Waits(cluster, Reasons.ImagePull, "ErrImagePull: registry/own:1: not found");

            await cluster.SetStatusAsync("digits-worker-0-1", "Pending", new() { Waiting = new() { Reason = "ImagePullBackOff", Message = "Back-off pulling image" } });
            await cluster.SetStatusAsync("digits-worker-1-1", "Pending", condition: new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "no room" });
            await Waits(cluster, Reasons.ImagePull, "ErrImagePull: registry/own:1: not found");
        });
    }

    [Test]
    public async Task A_volume_that_cannot_be_mounted_in_the_words_of_the_kubelet()
    {
        await Started(async (cluster, job) =>
        {
            await cluster.BindAsync("digits-worker-0-1");
            await cluster.SetStatusAsync("digits-worker-0-1", "Pending", new() { Waiting = new() { Reason = "ContainerCreating" } });
            await cluster.WarnAsync("digits-worker-0-1", "FailedMount", "MountVolume.SetUp failed for volume \"keys\" : secret \"keys\" not found");

            await Waits(cluster, Reasons.VolumeUnavailable, "on node node-1: FailedMount: MountVolume.SetUp failed for volume \"keys\" : secret \"keys\" not found");
        });
    }

    [Test]
    public async Task A_claim_that_is_not_there_in_the_words_of_the_scheduler()
    {
        await Started(async (cluster, job) =>
        {
            await cluster.SetStatusAsync("digits-worker-0-1", "Pending",
                condition: new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "persistentvolumeclaim \"datasets\" not found" });

            await Waits(cluster, Reasons.VolumeUnavailable, "persistentvolumeclaim \"datasets\" not found");
        });
    }

    [Test]
    public async Task A_container_that_cannot_be_configured()
    {
        await Started(async (cluster, job) =>
        {
            await cluster.BindAsync("digits-worker-1-1");
            await cluster.SetStatusAsync("digits-worker-1-1", "Pending", new() { Waiting = new() { Reason = "CreateContainerConfigError", Message = "configmap \"settings\" not found" } });

            await Waits(cluster, Reasons.ContainerConfig, "CreateContainerConfigError: configmap \"settings\" not found (1 of 2 workers; first digits-worker-1-1)");
        });
    }

    [Test]
    public async Task A_quota_that_leaves_no_room_and_the_job_goes_on_when_it_does()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.Client.CreateAsync(new V1ResourceQuota
        {
            Metadata = new() { Name = "small", NamespaceProperty = cluster.Namespace },
            Spec = new() { Hard = new Dictionary<string, ResourceQuantity> { ["pods"] = new("1") } },
        }, default);
        await Eventually.Assert(async () => (await cluster.Client.GetAsync<V1ResourceQuota>(cluster.Name("small"), default))!.Status.Hard is { Count: 1 });

        await cluster.ApplyAsync("digits", 3);
        var job = await Waits(cluster, Reasons.QuotaExceeded, "exceeded quota: small");
        Assert.That((job.Status.Phase, job.Status.Attempt), Is.EqualTo((TrainingJobPhase.Pending, 1)));

        await cluster.Client.PatchMergeAsync<V1ResourceQuota>(cluster.Name("small"), new { spec = new { hard = new { pods = "10" } } }, default);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1", "digits-worker-2-1");
        await cluster.WaitAsync("digits", j => j.Status.Message.StartsWith("waiting for the scheduler", StringComparison.Ordinal));
        Assert.That((await cluster.JobAsync("digits")).Status.Restarts, Is.Zero);
    }

    [Test]
    public async Task A_service_account_that_is_not_there()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 1, s => s with { Template = Template(p => p.ServiceAccountName = "trainers") });

        await Waits(cluster, Reasons.ServiceAccountMissing, "\"trainers\" not found");

        await cluster.Client.CreateAsync(new V1ServiceAccount { Metadata = new() { Name = "trainers", NamespaceProperty = cluster.Namespace } }, default);
        await cluster.WaitForPodsAsync("digits-worker-0-1");
    }

    [Test]
    public async Task A_template_that_only_the_server_can_tell_is_wrong_makes_the_job_invalid_until_it_is_fixed()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", 2, s => s with { Template = Template(p => p.PriorityClassName = "no such class, and no name of one") });

        var job = await cluster.WaitAsync("digits", j => j.Status.Message.Contains("priority", StringComparison.OrdinalIgnoreCase));
        Assert.That(await cluster.PodsAsync(), Is.Empty);

        await cluster.EditAsync("digits", JsonNode.Parse("""{"template":{"spec":{"priorityClassName":null,"nodeSelector":{"zone":"not a label's value"}}}}""")!);
        job = await cluster.WaitAsync("digits", j => j.Status.ObservedGeneration > 1 && j.Status.Message.StartsWith("invalid", StringComparison.Ordinal));
        Assert.That(ConditionHelper.Find(job.Status.Conditions, ConditionTypes.Valid)!.Status, Is.EqualTo("False"));
        Assert.That(job.Status.Message, Does.Contain("nodeSelector"));
    }

    [Test]
    public async Task A_pod_of_the_name_that_is_somebody_elses()
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        await cluster.Client.CreateAsync(TestPod.Named(cluster.Namespace, "digits-worker-1-1").Build(), default);
        await cluster.ApplyAsync("digits", 2);

        await Waits(cluster, Reasons.NameConflict, "pod digits-worker-1-1 exists and is not this job's");

        await cluster.Client.DeleteAsync<V1Pod>(cluster.Name("digits-worker-1-1"), new(GracePeriodSeconds: 0), default);
        await Eventually.Assert(async () => (await cluster.PodsAsync()).Count(p => p.Metadata.OwnerReferences is { Count: 1 }) == 2);
    }

    private static async Task Started(Func<TestCluster, TrainingJob, Task> test)
    {
        using var cluster = await TestCluster.CreateAsync();
        await using var running = await TestOperator.StartAsync(cluster.Namespace);
        var job = await cluster.ApplyAsync("digits", 2);
        await cluster.WaitForPodsAsync("digits-worker-0-1", "digits-worker-1-1");
        await test(cluster, job);
    }

    private static async Task<TrainingJob> Waits(TestCluster cluster, string reason, string words)
    {
        var job = await cluster.WaitAsync("digits", j =>
            ConditionHelper.Find(j.Status.Conditions, ConditionTypes.Running) is { Status: "False" } running && running.Reason == reason
            && j.Status.Message.Contains(words, StringComparison.Ordinal));
        await Eventually.Assert(async () =>
            (await cluster.Client.ListAsync<Eventsv1Event>(cluster.Namespace, null, default)).Items.Any(e => e.Regarding.Kind == "TrainingJob" && e.Reason == reason));
        return job;
    }

    private static PodTemplate Template(Action<V1PodSpec> change)
    {
        var spec = new V1PodSpec { Containers = [new() { Name = "trainer", Image = "registry/own:1" }] };
        change(spec);
        return PodTemplate.From(new() { Spec = spec });
    }
}
