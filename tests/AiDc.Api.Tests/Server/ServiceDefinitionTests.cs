using System.Net;
using System.Text.Json.Nodes;
using AiDc.Api.V1Alpha1;
using k8s;

namespace AiDc.Api.Tests.Server;

[TestFixture, Category("Integration")]
internal sealed class ServiceDefinitionTests
{
    [Test]
    public async Task The_server_fills_in_the_defaults_of_the_types()
    {
        var service = Manifests.ForBuiltInServer().With("spec.canary.model.uri", "\"pvc://m/b\"");

        var (code, created) = await ApiServer.SendAsync(HttpMethod.Post, ApiServer.ServicesOf("default") + "?dryRun=All", service);

        var expected = JsonNode.Parse(KubernetesJson.Serialize(Manifests.ReadService(service)))!["spec"];
        Assert.That(code, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(JsonNode.DeepEquals(expected, created["spec"]), Is.True, () => $"{expected!.ToJsonString()}\n{created["spec"]!.ToJsonString()}");
    }

    [Test]
    public async Task Kubectl_prints_what_a_person_wants_to_know()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        await ApiServer.SendAsync(HttpMethod.Post, ApiServer.ServicesOf(ns), Manifests.ForBuiltInServer());
        var fresh = await ApiServer.KubectlAsync("get", "isvc", "-n", ns);
        var status = new InferenceServiceStatus
        {
            Phase = InferenceServicePhase.Ready,
            Message = "3 replicas answer",
            Replicas = new() { Ready = 3, Desired = 4, Summary = ReplicasStatus.Summarize(3, 4) },
            TrafficSummary = "digits-aa 90%, digits-bb 10%",
            Canary = new() { Verdict = CanaryVerdict.Progressing },
            Model = new() { Uri = "pvc://models/mnist/model" },
        };
        var patch = new JsonObject { ["status"] = JsonNode.Parse(KubernetesJson.Serialize(status)) };
        var (code, _) = await ApiServer.SendAsync(HttpMethod.Patch, ApiServer.ServicesOf(ns) + "/digits/status", patch, "application/merge-patch+json");

        var narrow = await ApiServer.KubectlAsync("get", "aidc", "-n", ns);
        var wide = await ApiServer.KubectlAsync("get", "inferenceservices", "-n", ns, "-o", "wide");

        Assert.That(fresh.Output, Does.Match("digits +Pending +.*not yet seen by the operator"));
        Assert.That(code, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(narrow.Output, Does.Match("NAME +PHASE +REPLICAS +TRAFFIC +CANARY +WHY +AGE"));
        Assert.That(narrow.Output, Does.Match("digits +Ready +3/4 +digits-aa 90%, digits-bb 10% +Progressing +3 replicas answer"));
        Assert.That(wide.Output, Does.Match("MODEL +URL").And.Contain("pvc://models/mnist/model"));
    }

    [Test]
    public async Task Kubectl_scale_pins_the_replicas()
    {
        var ns = await ApiServer.NewNamespaceAsync();
        await ApiServer.SendAsync(HttpMethod.Post, ApiServer.ServicesOf(ns), Manifests.ForBuiltInServer());

        var (exit, output) = await ApiServer.KubectlAsync("scale", "isvc/digits", "--replicas=3", "-n", ns);

        var (_, service) = await ApiServer.SendAsync(HttpMethod.Get, ApiServer.ServicesOf(ns) + "/digits");
        Assert.That(exit, Is.Zero, output);
        Assert.That(service["spec"]!["scaling"]!["replicas"]!.GetValue<int>(), Is.EqualTo(3));
    }
}
