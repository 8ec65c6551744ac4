using System.Text.Json.Nodes;
using AiDc.Api.Generator;
using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Tests.Generation;

[TestFixture]
internal sealed class GeneratedFilesTests
{
    private static IEnumerable<string> Paths() => GeneratedFiles.All().Keys;

    [TestCaseSource(nameof(Paths))]
    public void The_committed_file_is_what_the_types_say(string path) =>
        Assert.That(Repository.Read(path), Is.EqualTo(GeneratedFiles.All()[path]), "run `make crds`");

    [Test]
    public void No_file_of_definitions_is_left_over() =>
        Assert.That(Directory.GetFiles(Path.Combine(Repository.Root, "crds")).Select(f => $"crds/{Path.GetFileName(f)}"), Is.SubsetOf(Paths()));

    [TestCase("1.20", false)]
    [TestCase("v1.24.17", false)]
    [TestCase("1.25", true)]
    [TestCase("v1.37.0-alpha.1", true)]
    public void Rules_are_only_there_where_the_server_knows_them(string version, bool rules)
    {
        Assert.That(KubeVersion.TryParse(version, out var parsed), Is.True);

        Assert.That(GeneratedFiles.Definitions(parsed).Contains("x-kubernetes-validations", StringComparison.Ordinal), Is.EqualTo(rules));
    }

    [Test]
    public void The_charts_template_is_the_definition_once_its_conditions_are_taken_out()
    {
        // What Helm's engine makes of it for a new server with crds.install and without crds.keep.
        var lines = Repository.Read("charts/aidc/templates/crds.yaml").Split('\n').ToList();
        for (var keep = Keep(lines); keep >= 0; keep = Keep(lines))
            lines.RemoveRange(keep, lines.FindIndex(keep, l => l.Contains("{{- end }}", StringComparison.Ordinal)) - keep + 1);
        var rendered = lines.Where(l => !l.TrimStart().StartsWith("{{-", StringComparison.Ordinal) && l is not "---" && !l.StartsWith('#'));
        var definitions = GeneratedFiles.Types
            .SelectMany(t => Repository.Read(Definition(t)).TrimEnd('\n').Split('\n').Where(l => !l.StartsWith('#')));

        Assert.That(string.Join('\n', rendered).TrimEnd('\n'), Is.EqualTo(string.Join('\n', definitions)));
    }

    [Test]
    public void Conditions_in_the_charts_template_open_and_close_in_pairs()
    {
        var lines = Repository.Read("charts/aidc/templates/crds.yaml").Split('\n').Select(l => l.Trim()).ToList();

        Assert.That(lines.Count(l => l.StartsWith("{{- if", StringComparison.Ordinal)), Is.EqualTo(lines.Count(l => l == "{{- end }}")).And.GreaterThan(3));
    }

    private static int Keep(List<string> lines) => lines.FindIndex(l => l.Contains(".Values.crds.keep", StringComparison.Ordinal));

    private static string Definition(Type type) => $"crds/{type.Name.ToLowerInvariant()}s.yaml";

    private static IEnumerable<string> Definitions() => GeneratedFiles.Types.Select(Definition);

    [TestCaseSource(nameof(Definitions))]
    public void Every_field_is_described(string definition)
    {
        var schema = Schema(definition);
        var undescribed = Fields(schema["properties"]!["spec"]!, "spec").Concat(Fields(schema["properties"]!["status"]!, "status"))
            .Where(f => f.Node["description"] is null)
            .Select(f => f.Path);

        Assert.That(undescribed, Is.Empty);
    }

    [Test]
    public void The_schema_says_defaults_limits_and_required_fields()
    {
        var spec = Schema()["properties"]!["spec"]!["properties"]!;
        var trainer = spec["trainer"]!["properties"]!;

        Assert.That(trainer["epochs"]!["default"]!.GetValue<long>(), Is.EqualTo(new TrainerSpec().Epochs));
        Assert.That(trainer["optimizer"]!["properties"]!["learningRate"]!["default"]!.GetValue<double>(), Is.EqualTo(0.001));
        Assert.That(trainer["data"]!["required"]!.AsArray().Select(r => r!.GetValue<string>()), Is.EquivalentTo(["uri", "format"]));
        Assert.That(trainer["model"]!["properties"]!["dropout"]!["exclusiveMaximum"]!.GetValue<bool>(), Is.True);
        Assert.That(spec["template"]!["x-kubernetes-preserve-unknown-fields"]!.GetValue<bool>(), Is.True);
        Assert.That(spec["template"]!["properties"], Is.Null);
        Assert.That(spec["activeDeadline"]!["default"], Is.Null);
    }

    [TestCaseSource(nameof(Definitions))]
    public void The_definition_stays_far_below_the_limit_of_annotations(string definition) =>
        // kubectl apply keeps the whole object in an annotation; 262144 bytes is the limit of all annotations.
        Assert.That(Repository.Read(definition), Has.Length.LessThan(65536));

    [TestCase("")]
    [TestCase("1")]
    [TestCase("latest")]
    public void What_is_no_version_is_refused(string text) => Assert.That(KubeVersion.TryParse(text, out _), Is.False);

    private static JsonObject Schema(string definition = "crds/trainingjobs.yaml") =>
        Manifests.Parse(Repository.Read(definition))[0]["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject();

    private static IEnumerable<(string Path, JsonNode Node)> Fields(JsonNode schema, string path)
    {
        yield return (path, schema);
        foreach (var (name, child) in schema["properties"]?.AsObject() ?? [])
        {
            foreach (var field in Fields(child!, $"{path}.{name}"))
                yield return field;
        }
    }
}
