using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.Operator.Coordination.Authentication;
using AiDc.Operator.Tests.Coordination;
using AiDc.Testing;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiDc.Operator.Tests.Hosting.Server;

/// <summary>Tokens as a kubelet projects them, checked by the API server that issued them, by the operator with the chart's rights.</summary>
[Category("Integration")]
public sealed class RealTokenTests
{
    private string space = "";

    [SetUp]
    public async Task SetUpAsync()
    {
        await OperatorPlane.CleanAsync();
        space = (await TestNamespace.CreateAsync(OperatorPlane.Plane)).Name;
        await OperatorPlane.Admin.CreateAsync(new V1ServiceAccount { Metadata = new() { Name = "worker", NamespaceProperty = space } }, default);
    }

    [Test]
    public async Task A_projected_token_proves_the_worker_and_nothing_else_does()
    {
        var job = await JobAsync("digits");
        var worker = await PodAsync(job, "digits-worker-0-1", index: 0);
        var stranger = await PodAsync(null, "stranger", index: 0);
        using var operatorClient = OperatorPlane.ClientOf(OperatorPlane.Plane, OperatorPlane.OperatorToken);
        using var authenticator = new WorkerAuthenticator(operatorClient, TimeProvider.System, NullLogger<WorkerAuthenticator>.Instance);

        var good = await authenticator.AuthenticateAsync("Bearer " + await TokenAsync(worker, "aidc.dev"), default);
        var otherAudience = await authenticator.AuthenticateAsync("Bearer " + await TokenAsync(worker, "api"), default);
        var unbound = await authenticator.AuthenticateAsync("Bearer " + await TokenAsync(null, "aidc.dev"), default);
        var noWorker = await authenticator.AuthenticateAsync("Bearer " + await TokenAsync(stranger, "aidc.dev"), default);
        var forged = await authenticator.AuthenticateAsync("Bearer " + (await TokenAsync(worker, "aidc.dev"))[..^4] + "AAAA", default);

        Assert.That(good.Worker, Is.EqualTo(new Operator.Coordination.WorkerIdentity(
            new(space, "digits", job.Metadata.Uid), 1, 0, "digits-worker-0-1", worker.Metadata.Uid)), good.Problem);
        Assert.That((otherAudience.Worker, unbound.Worker, noWorker.Worker, forged.Worker), Is.EqualTo(((object?)null, (object?)null, (object?)null, (object?)null)));
        Assert.That(unbound.Problem, Is.EqualTo("the token is not bound to a pod"));
        Assert.That(noWorker.Problem, Does.Contain("belongs to no TrainingJob"));
    }

    [Test]
    public async Task The_token_of_a_deleted_pod_is_worth_nothing()
    {
        var worker = await PodAsync(await JobAsync("digits"), "digits-worker-0-1", index: 0);
        var token = await TokenAsync(worker, "aidc.dev");
        await OperatorPlane.Admin.DeleteAsync<V1Pod>(NamespacedName.Of(worker), new(GracePeriodSeconds: 0), default);
        using var operatorClient = OperatorPlane.ClientOf(OperatorPlane.Plane, OperatorPlane.OperatorToken);

        await Eventually.Assert(async () =>
        {
            using var authenticator = new WorkerAuthenticator(operatorClient, TimeProvider.System, NullLogger<WorkerAuthenticator>.Instance);
            return (await authenticator.AuthenticateAsync("Bearer " + token, default)).Worker is null;
        }, TimeSpan.FromSeconds(60));
    }

    [Test]
    public async Task A_worker_reports_to_the_operators_own_process_and_finds_the_next_leader_when_that_is_killed()
    {
        await using var first = await new OperatorProcess("aidc-operator-a").ReadyAsync();
        await first.LeadsAsync();
        await using var second = await new OperatorProcess("aidc-operator-b").ReadyAsync();
        await OperatorPlane.Admin.CreateAsync(OwnJob("digits"), default);
        var pod = await OperatorsPodAsync("digits");
        var bundle = pod.Metadata.Annotations[Annotations.CaBundle];
        await using var worker = new TestWorker(
            new($"https://127.0.0.1:{second.CoordinatorPort}"), bundle, await TokenAsync(pod, "aidc.dev"), $"{space}/digits");

        worker.AtStep(41);
        await HasStepAsync("digits", 41);
        first.Signal("KILL");
        worker.AtStep(42);
        await second.LeadsAsync();

        await HasStepAsync("digits", 42);
    }

    private async Task HasStepAsync(string name, long step) => await Eventually.Assert(
        async () => (await OperatorPlane.Admin.GetAsync<TrainingJob>(new(space, name), default))?.Status.Progress?.Step == step,
        TimeSpan.FromSeconds(60), $"the job's status says step {step}");

    /// <summary>Waits for the operator's pod, and runs it, as a kubelet would.</summary>
    private async Task<V1Pod> OperatorsPodAsync(string job)
    {
        var name = new NamespacedName(space, Names.WorkerPod(job, 0, 1));
        await Eventually.Assert(async () => await OperatorPlane.Admin.GetAsync<V1Pod>(name, default) is not null, TimeSpan.FromSeconds(60), $"pod {name} is there");
        return await OperatorPlane.Admin.PatchMergeAsync<V1Pod>(name, new
        {
            status = new
            {
                phase = "Running",
                conditions = new[] { new { type = "Ready", status = "True" } },
                containerStatuses = new[]
                {
                    new { name = "trainer", image = "own", imageID = "own", ready = true, restartCount = 0, started = true, state = new { running = new { startedAt = DateTime.UtcNow } } },
                },
            },
        }, default, "status");
    }

    /// <summary>A job whose first attempt an operator has begun.</summary>
    private async Task<TrainingJob> JobAsync(string name)
    {
        var job = OwnJob(name);
        job.Spec = job.Spec with { Suspend = true };
        await OperatorPlane.Admin.CreateAsync(job, default);
        return await OperatorPlane.Admin.PatchMergeAsync<TrainingJob>(new(space, name), new { status = new { attempt = 1 } }, default, "status");
    }

    private TrainingJob OwnJob(string name) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = space },
        Spec = new()
        {
            Template = PodTemplate.From(new V1PodTemplateSpec
            {
                Spec = new() { ServiceAccountName = "worker", Containers = [new V1Container { Name = "trainer", Image = "own", Command = ["train"] }] },
            }),
        },
    };

    private Task<V1Pod> PodAsync(TrainingJob? job, string name, int index) => OperatorPlane.Admin.CreateAsync(new V1Pod
    {
        Metadata = new()
        {
            Name = name,
            NamespaceProperty = space,
            Labels = new Dictionary<string, string>
            {
                [Labels.JobUid] = job?.Metadata.Uid ?? "none", [Labels.Attempt] = "1", [Labels.WorkerIndex] = $"{index}",
            },
            OwnerReferences = job is null ? null :
            [
                new V1OwnerReference { ApiVersion = "aidc.dev/v1alpha1", Kind = "TrainingJob", Name = job.Metadata.Name, Uid = job.Metadata.Uid, Controller = true },
            ],
        },
        Spec = new() { ServiceAccountName = "worker", Containers = [new V1Container { Name = "trainer", Image = "own" }] },
    }, default);

    private Task<string> TokenAsync(V1Pod? pod, string audience) => OperatorPlane.TokenAsync(space, "worker", pod, audience);
}
