using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace AiDc.Chart.Tests;

/// <summary>What helm makes of the chart, without a cluster.</summary>
public sealed partial class RenderingTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private string folder = null!;

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("aidc-chart-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Helm_finds_nothing_to_complain_of() => Helm.Run("lint", "--strict", Helm.Chart);

    [TestCase("1.20.2")]
    [TestCase("1.25.0")]
    [TestCase("1.37.0")]
    public void Every_version_of_Kubernetes_gets_the_same_objects(string version)
    {
        var objects = Rendered.By("aidc", "--namespace", "aidc-system", "--kube-version", version).Select(o => (o.Kind, o.Namespace, o.Name)).ToList();

        Assert.That(objects, Is.EquivalentTo(Rendered.By("aidc", "--namespace", "aidc-system").Select(o => (o.Kind, o.Namespace, o.Name))));
        Assert.That(objects, Is.Unique);
    }

    [Test]
    public void A_number_of_a_values_file_is_rendered_in_digits_however_large()
    {
        var largest = new Dictionary<string, string>();
        var values = Largest(JsonNode.Parse(File.ReadAllText(Path.Combine(Helm.Chart, "values.schema.json")))!["properties"]!.AsObject(), "", largest);
        // What is free-form for the schema is Kubernetes', whose numbers are as large.
        values["operator"]!["tolerations"] = JsonNode.Parse("""[{"operator": "Exists", "tolerationSeconds": 2000000000}]""");
        values["gateway"]!["tolerations"] = JsonNode.Parse("""[{"operator": "Exists", "tolerationSeconds": 2000000000}]""");
        values["gateway"]!["resources"] = JsonNode.Parse("""{"limits": {"memory": 4000000000}}""");

        var objects = Rendered.By("aidc", "--namespace", "aidc-system", "-f", Write("values.json", values.ToJsonString()));

        Assert.That(objects.SelectMany(o => o.PlainValues()).Where(v => Exponent().IsMatch(v.Value)), Is.Empty);
        var variables = objects.Where(o => o.Kind == "Deployment").SelectMany(o => o.Variables()).ToLookup(v => v.Key.Split("__")[^1], v => v.Value, StringComparer.OrdinalIgnoreCase);
        Assert.That(largest, Has.Count.GreaterThanOrEqualTo(7));
        foreach (var (path, value) in largest)
        {
            var name = path.Split('.')[^1];
            if (name == "replicas")
                Assert.That(Rendered.Text(objects.Single(o => o.Kind == "Deployment" && o.Name.EndsWith(path.Split('.')[0], StringComparison.Ordinal)).Body["spec"]["replicas"]), Is.EqualTo(value), path);
            else
                Assert.That(variables[name], Is.EqualTo(new[] { value }), path);
        }
    }

    [TestCase("0.00001")]
    [TestCase("0.25")]
    [TestCase("1")]
    public void A_share_reaches_the_gateway_as_a_number_that_it_reads(string share)
    {
        var file = Write("values.yaml", $"gateway: {{accessLogSampleRate: {share}}}\n");

        var variable = Rendered.By("aidc", "-f", file).Single(o => o is { Kind: "Deployment", Name: "aidc-gateway" }).Variables()["Gateway__AccessLogSampleRate"];

        Assert.That(double.Parse(variable, CultureInfo.InvariantCulture), Is.EqualTo(double.Parse(share, CultureInfo.InvariantCulture)));
    }

    [Test]
    public void Names_that_look_like_numbers_stay_names()
    {
        var file = Write("values.yaml", """
            operator: {watchNamespace: "1000001", priorityClassName: "1000002", image: {repository: "1000003"}}
            gateway: {priorityClassName: "1000002", tls: {secretName: "1000004"}, nodeSelector: {zone: "1000005"}}
            networkPolicy: {enabled: true}
            """);

        var objects = Rendered.By("aidc", "--namespace", "1000000", "-f", file).Where(o => o.Kind != "CustomResourceDefinition").ToList();

        Assert.That(objects.Select(o => o.Namespace), Does.Contain("1000000").And.Contain("1000001"));
        Assert.That(objects.SelectMany(o => o.PlainValues()).Where(v => Numeric().IsMatch(v.Value)), Is.Empty);
    }

    [Test]
    public void An_image_is_taken_by_its_digest()
    {
        var objects = Rendered.By("aidc", "--set", $"operator.image.digest={Digest}", "--set", $"trainer.image.digest={Digest}", "--set", "trainer.image.tag=v9");

        var deployments = objects.Where(o => o.Kind == "Deployment").ToList();
        Assert.That(deployments.Select(d => Rendered.Text(d.Container()["image"])), Is.EqualTo(new[] { $"aidc-operator@{Digest}", $"aidc-operator@{Digest}" }));
        Assert.That(deployments.Single(d => d.Name == "aidc-operator").Variables()["Operator__TrainerImage"], Is.EqualTo($"aidc-trainer@{Digest}"));
    }

    [Test]
    public void A_digest_that_is_none_is_refused()
    {
        var result = Helm.Try(null, "template", "aidc", Helm.Chart, "--set", "operator.image.digest=v1.2");

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Error, Does.Contain("/operator/image/digest").And.Contain("pattern"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Another_chart_switches_it_on_and_off(bool enabled)
    {
        Write("Chart.yaml", """
            apiVersion: v2
            name: platform
            version: 1.0.0
            dependencies: [{name: aidc, version: 0.1.0, condition: aidc.enabled}]
            """);
        Write("values.yaml", $"global: {{imageRegistry: registry.example.com}}\naidc: {{enabled: {(enabled ? "true" : "false")}}}\n");
        Directory.CreateDirectory(Path.Combine(folder, "templates"));
        Write("templates/NOTES.txt", "A platform.\n");
        Copy(Helm.Chart, Path.Combine(folder, "charts", "aidc"));

        Helm.Run("lint", "--strict", folder);
        var objects = Rendered.Of(Helm.Run("template", "platform", folder, "--namespace", "platform"));

        Assert.That(objects.Select(o => o.Name).Contains("aidc-operator"), Is.EqualTo(enabled));
        if (enabled)
            Assert.That(objects.Select(o => (o.Kind, o.Namespace, o.Name)), Is.EquivalentTo(Rendered.By("aidc", "--namespace", "platform").Select(o => (o.Kind, o.Namespace, o.Name))));
        else
            Assert.That(objects, Is.Empty);
    }

    [Test]
    public void Two_installations_share_nothing_but_the_definitions()
    {
        var first = Rendered.By("a", "--namespace", "team-a", "--set", "operator.watchNamespace=team-a,networkPolicy.enabled=true");
        var second = Rendered.By("b", "--namespace", "team-b", "--set", "operator.watchNamespace=team-b,networkPolicy.enabled=true");
        var everywhere = Rendered.By("c", "--namespace", "team-c", "--set", "networkPolicy.enabled=true");

        foreach (var (one, other) in new[] { (first, second), (first, everywhere), (second, everywhere) })
            Assert.That(one.Select(o => (o.Kind, o.Namespace, o.Name)).Intersect(other.Select(o => (o.Kind, o.Namespace, o.Name))).Select(o => o.Kind), Is.All.EqualTo("CustomResourceDefinition"));
    }

    [Test]
    public void Every_account_that_is_bound_and_every_role_is_the_installations_own()
    {
        var objects = Rendered.By("a", "--namespace", "team-a", "--set", "operator.watchNamespace=jobs");

        var roles = objects.Where(o => o.Kind is "Role" or "ClusterRole").Select(o => (o.Kind, o.Namespace, o.Name)).ToList();
        foreach (var binding in objects.Where(o => o.Kind.EndsWith("RoleBinding", StringComparison.Ordinal)))
        {
            Assert.That(roles, Does.Contain((Rendered.Text(binding.Body["roleRef"]["kind"]), binding.Namespace, Rendered.Text(binding.Body["roleRef"]["name"]))), binding.Name);
            Assert.That(Rendered.Text(binding.Body["subjects"][0]["namespace"]), Is.EqualTo("team-a"), binding.Name);
        }
    }

    [TestCase("1.20.2", null)]
    [TestCase("1.26.0", null)]
    [TestCase("1.27.0", "AlwaysAllow")]
    [TestCase("1.37.0", "AlwaysAllow")]
    public void A_replica_that_is_not_ready_holds_up_no_drain_where_Kubernetes_can_be_told_so(string version, string? policy)
    {
        var budgets = Rendered.By("aidc", "--kube-version", version).Where(o => o.Kind == "PodDisruptionBudget").ToList();

        Assert.That(budgets.Select(b => b.Name), Is.EquivalentTo(new[] { "aidc-operator", "aidc-gateway" }));
        foreach (var budget in budgets)
        {
            var spec = (YamlMappingNode)budget.Body["spec"];
            Assert.That(spec.Children.TryGetValue("unhealthyPodEvictionPolicy", out var value) ? Rendered.Text(value) : null, Is.EqualTo(policy), budget.Name);
        }
    }

    [TestCase("")]
    [TestCase("jobs")]
    public void Of_all_namespaces_the_operator_may_look_at_its_own_alone(string watched)
    {
        var roles = Rendered.By("aidc", "--namespace", "home", "--set", $"operator.watchNamespace={watched}").Where(o => o.Kind is "Role" or "ClusterRole");

        var rules = roles.SelectMany(r => ((YamlSequenceNode)r.Body["rules"]).Select(rule => (r.Namespace, Rule: (YamlMappingNode)rule)))
            .Where(r => ((YamlSequenceNode)r.Rule["resources"]).Any(resource => Rendered.Text(resource) == "namespaces")).ToList();

        Assert.That(rules.Select(r => r.Namespace), Is.EqualTo(new[] { "home" }));
        Assert.That(((YamlSequenceNode)rules[0].Rule["resourceNames"]).Select(Rendered.Text), Is.EqualTo(new[] { "home" }));
        Assert.That(((YamlSequenceNode)rules[0].Rule["verbs"]).Select(Rendered.Text), Is.EqualTo(new[] { "get" }));
    }

    /// <summary>Values that give each number of the schema the most that it may be.</summary>
    private static JsonObject Largest(JsonObject properties, string at, Dictionary<string, string> found)
    {
        var values = new JsonObject();
        foreach (var (name, property) in properties)
        {
            if (property!["properties"] is JsonObject inner)
            {
                values[name] = Largest(inner, $"{at}{name}.", found);
            }
            else if (property["type"]?.GetValue<string>() == "integer")
            {
                Assert.That(property["maximum"], Is.Not.Null, $"{at}{name} has no largest value in the schema");
                values[name] = property["maximum"]!.DeepClone();
                found[at + name] = property["maximum"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture);
            }
        }

        return values;
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [GeneratedRegex(@"^[+-]?\d+(\.\d*)?[eE][+-]?\d+$")]
    private static partial Regex Exponent();

    [GeneratedRegex(@"^100000\d$")]
    private static partial Regex Numeric();
}
