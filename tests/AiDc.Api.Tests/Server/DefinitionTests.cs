using System.Net;
using System.Text.Json.Nodes;
using AiDc.Api.V1Alpha1;
using k8s;

namespace AiDc.Api.Tests.Server;

[TestFixture, Category("Integration")]
internal sealed class DefinitionTests
{
    [Test]
    public async Task The_definition_is_established_and_its_schema_structural()
    {
        var (_, definition) = await ApiServer.SendAsync(HttpMethod.Get, "apis/apiextensions.k8s.io/v1/customresourcedefinitions/trainingjobs.aidc.dev");

        var conditions = definition["status"]!["conditions"]!.AsArray().ToDictionary(c => c!["type"]!.GetValue<string>(), c => c!["status"]!.GetValue<string>());
        Assert.That(conditions["Established"], Is.EqualTo("True"));
        Assert.That(conditions["NamesAccepted"], Is.EqualTo("True"));
        Assert.That(conditions.GetValueOrDefault("NonStructuralSchema", "False"), Is.EqualTo("False"));
    }

    [Test]
    public async Task The_server_fills_in_the_defaults_of_the_types()
    {
        var job = Manifests.ForBuiltInTrainer().With("spec.trainer.earlyStopping", "{}").With("spec.trainer.data.validationSplit", "0.1");

        var (code, created) = await ApiServer.SendAsync(HttpMethod.Post, ApiServer.JobsOf("default") + "?dryRun=All", job);

        Assert.That(code, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(JsonNode.DeepEquals(WithoutEmptyLists(SpecOf(Manifests.Read(job))), created["spec"]), Is.True, () => created["spec"]!.ToJsonString());
    }

    [Test]
    public async Task Before_the_operator_has_seen_a_job_the_server_says_so()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        await ApiServer.SendAsync(HttpMethod.Post, ApiServer.JobsOf(ns), Manifests.ForBuiltInTrainer());

        var job = Manifests.Read((await ApiServer.SendAsync(HttpMethod.Get, ApiServer.JobsOf(ns) + "/digits")).Body);
        var table = await ApiServer.KubectlAsync("get", "tj", "-n", ns);

        Assert.That(job.Status.Phase, Is.EqualTo(TrainingJobPhase.Pending));
        Assert.That(job.Status.ObservedGeneration, Is.Null);
        Assert.That(table.Output, Does.Match(@"digits +Pending +not yet seen by the operator"));
    }

    [Test]
    public async Task Kubectl_prints_what_a_person_wants_to_know()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        await ApiServer.SendAsync(HttpMethod.Post, ApiServer.JobsOf(ns), Manifests.ForBuiltInTrainer());
        var status = new TrainingJobStatus
        {
            Phase = TrainingJobPhase.Running,
            Message = "training epoch 5",
            Restarts = 1,
            Workers = new WorkersStatus { Ready = 1, Desired = 1, Summary = WorkersStatus.Summarize(1, 1) },
            Progress = new ProgressStatus { Summary = ProgressStatus.Summarize(5, 10, 450, 1000), Eta = "4m10s", Loss = 0.25, SamplesPerSecond = 3100 },
        };
        var patch = new JsonObject { ["status"] = JsonNode.Parse(KubernetesJson.Serialize(status)) };
        var (code, _) = await ApiServer.SendAsync(HttpMethod.Patch, ApiServer.JobsOf(ns) + "/digits/status", patch, "application/merge-patch+json");

        var narrow = await ApiServer.KubectlAsync("get", "aidc", "-n", ns);
        var wide = await ApiServer.KubectlAsync("get", "trainingjobs", "-n", ns, "-o", "wide");

        Assert.That(code, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(narrow.Output, Does.Match("NAME +PHASE +WORKERS +PROGRESS +ETA +WHY +AGE"));
        Assert.That(narrow.Output, Does.Match(@"digits +Running +1/1 +45% \(5/10\) +4m10s +training epoch 5"));
        Assert.That(wide.Output, Does.Match(@"RESTARTS +LOSS +SAMPLES/S +GENERATION +CHECKPOINT"));
        Assert.That(wide.Output, Does.Match(@" 1 +0\.25 +3100 "));
    }

    [Test]
    public async Task Who_writes_the_spec_does_not_write_the_status()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        await ApiServer.SendAsync(HttpMethod.Post, ApiServer.JobsOf(ns), Manifests.ForBuiltInTrainer().With("status", """{"phase": "Succeeded", "restarts": 7}"""));

        var (_, job) = await ApiServer.SendAsync(HttpMethod.Get, ApiServer.JobsOf(ns) + "/digits");

        Assert.That(job["status"]!["phase"]!.GetValue<string>(), Is.EqualTo("Pending"));
        Assert.That(job["status"]!["restarts"]!.GetValue<int>(), Is.Zero);
    }

    public static JsonObject SpecOf(TrainingJob job) => JsonNode.Parse(KubernetesJson.Serialize(job))!["spec"]!.AsObject();

    /// <summary>A list that is empty unless given has no default in the schema.</summary>
    public static JsonObject WithoutEmptyLists(JsonObject spec)
    {
        spec["failure"]!.AsObject().Remove("rules");
        return spec;
    }
}
