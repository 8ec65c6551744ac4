using System.Text;
using System.Text.Json.Nodes;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Json;
using AiDc.Operator.Training.Builders;

namespace AiDc.Operator.Tests.Training.Builders;

public sealed class GangBodiesTests
{
    private static readonly WorkerLink Link = new("https://10.96.0.9:8443", "-----BEGIN CERTIFICATE-----");

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(12)]
    public void Every_body_is_what_building_its_pod_alone_gives(int size)
    {
        var gang = Gang(Given.Job(size));
        var indexes = Enumerable.Range(0, size).ToList();

        foreach (var body in GangBodies.Render(gang, indexes, "10.96.0.7"))
        {
            var alone = JsonNode.Parse(RuntimeJson.ToUtf8(WorkerPodBuilder.Build(gang, body.Index, "10.96.0.7")));
            Assert.That(JsonNode.DeepEquals(JsonNode.Parse(body.Json.Span), alone), Is.True, Encoding.UTF8.GetString(body.Json.Span));
            Assert.That(body.Metadata.Name, Is.EqualTo($"digits-worker-{body.Index}-1"));
        }
    }

    [Test]
    public void Only_those_asked_for_are_rendered() =>
        Assert.That(GangBodies.Render(Gang(Given.Job(9)), [3, 7], "10.96.0.7").Select(b => b.Index), Is.EqualTo(new[] { 3, 7 }));

    [Test]
    public void A_replacement_has_a_name_and_a_label_of_its_own_and_keeps_off_bad_nodes_in_each_alternative_of_its_affinity()
    {
        var job = Given.Job(3, s => s with
        {
            Template = PodTemplate.From(new()
            {
                Spec = new()
                {
                    Containers = [new() { Name = "trainer", Image = "own" }],
                    Affinity = new() { NodeAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = "a", OperatorProperty = "Exists" }] }, new()] } } },
                },
            }),
        });
        var gang = Gang(job) with { AvoidedNodes = ["node-1", "node-4"] };

        var body = GangBodies.Render(gang, [2], "10.96.0.7", new Dictionary<int, int> { [2] = 3 }).Single();

        var pod = JsonNode.Parse(body.Json.Span)!;
        Assert.That((body.Metadata.Name, (string?)pod["metadata"]!["name"], (string?)pod["metadata"]!["labels"]!["aidc.dev/incarnation"], (string?)pod["metadata"]!["annotations"]!["aidc.dev/avoided-nodes"]),
            Is.EqualTo(("digits-worker-2-1-3", "digits-worker-2-1-3", "3", "node-1,node-4")));
        var terms = pod["spec"]!["affinity"]!["nodeAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]!["nodeSelectorTerms"]!.AsArray();
        Assert.That(terms.Select(t => t!["matchFields"]!.ToJsonString()), Is.All.EqualTo(
            """[{"key":"metadata.name","operator":"NotIn","values":["node-1"]},{"key":"metadata.name","operator":"NotIn","values":["node-4"]}]"""));
        Assert.That(terms[0]!["matchExpressions"], Is.Not.Null, "what the template asks for stays");
    }

    [Test]
    public void A_template_that_has_the_marker_in_it_comes_through_unharmed()
    {
        const string image = "registry/1987654301-1987654302-1987654303:1";
        var job = Given.Job(3, s => s with { Template = PodTemplate.From(new() { Spec = new() { Containers = [new() { Name = "trainer", Image = image }] } }) });

        foreach (var body in GangBodies.Render(Gang(job), [0, 1, 2], "10.96.0.7"))
            Assert.That(JsonNode.Parse(body.Json.Span)!["spec"]!["containers"]![0]!["image"]!.GetValue<string>(), Is.EqualTo(image));
    }

    [Test]
    public void A_body_is_sent_as_it_is()
    {
        var body = GangBodies.Render(Gang(Given.Job(1)), [0], null).Single();

        Assert.That(RuntimeJson.ToUtf8(body), Is.EqualTo(body.Json.ToArray()));
    }

    private static GangBlueprint Gang(TrainingJob job) => new(job, 1, "hash", Link, Given.Options);
}
