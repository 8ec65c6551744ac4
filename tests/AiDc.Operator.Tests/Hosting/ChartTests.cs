using System.Globalization;
using System.Text.Json;
using AiDc.Operator.Configuration;
using Microsoft.Extensions.Configuration;
using YamlDotNet.RepresentationModel;

namespace AiDc.Operator.Tests.Hosting;

/// <summary>The chart says the operator's defaults again, for people and for helm: it must say the same.</summary>
public sealed class ChartTests
{
    private static readonly string Chart = Path.Combine(Repository.Root(), "charts", "aidc");

    private static readonly YamlMappingNode Values = Yaml(File.ReadAllText(Path.Combine(Chart, "values.yaml")));

    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Chart, "values.schema.json"))).RootElement;

    [Test]
    public void The_charts_defaults_are_the_operators()
    {
        var settings = Values["operator"];
        var defaults = new OperatorOptions();

        Assert.That(Text(settings["watchNamespace"]), Is.EqualTo(defaults.WatchNamespace));
        Assert.That(Text(settings["workers"]), Is.EqualTo(defaults.Workers.ToString(CultureInfo.InvariantCulture)));
        Assert.That(Text(settings["gpuResourceName"]), Is.EqualTo(defaults.GpuResourceName));
        Assert.That(((YamlSequenceNode)settings["allowedHostPaths"]).Children, Is.Empty.And.Count.EqualTo(defaults.AllowedHostPaths.Count));
        Assert.That(Text(settings["logLevel"]), Is.EqualTo(defaults.LogLevel.ToString()));
        Assert.That(Text(Values["trainer"]["image"]["pullPolicy"]), Is.EqualTo(defaults.TrainerImagePullPolicy));
    }

    [Test]
    public void Every_variable_that_the_chart_sets_is_a_setting_of_the_operator()
    {
        var template = File.ReadAllText(Path.Combine(Chart, "templates", "operator.yaml"));
        var names = System.Text.RegularExpressions.Regex.Matches(template, @"name: Operator__(\w+?)(__|,|\s)").Select(m => m.Groups[1].Value).ToList();

        Assert.That(names, Has.Count.GreaterThan(4));
        foreach (var name in names)
            Assert.That(typeof(OperatorOptions).GetProperty(name), Is.Not.Null, name);
    }

    [Test]
    public void The_charts_values_are_valid_settings()
    {
        var settings = Values["operator"];
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Workers"] = Text(settings["workers"]), ["LogLevel"] = Text(settings["logLevel"]), ["GpuResourceName"] = Text(settings["gpuResourceName"]),
            ["Namespace"] = "aidc-system", ["PodName"] = "aidc-operator-0", ["PodIP"] = "10.0.0.1",
            ["TrainerImage"] = "aidc-trainer:0.1.0", ["TrainerImagePullPolicy"] = Text(Values["trainer"]["image"]["pullPolicy"]),
        }).Build();
        var options = new OperatorOptions();
        configuration.Bind(options);

        Assert.That(new OperatorOptionsValidator().Validate(null, options).Failures, Is.Null.Or.Empty);
    }

    [Test]
    public void The_schema_knows_every_value_and_repeats_its_default() => Assert.That(Differences(Values, Schema, "").ToList(), Is.Empty);

    private static IEnumerable<string> Differences(YamlMappingNode values, JsonElement schema, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            schema = Schema.GetProperty("definitions").GetProperty(reference.GetString()!.Split('/')[^1]);
        if (!schema.TryGetProperty("properties", out var known))
            yield break; // Free-form, such as a nodeSelector.
        foreach (var (key, value) in values)
        {
            var path = $"{at}.{Text(key)}";
            if (!known.TryGetProperty(Text(key), out var property))
                yield return $"{path} is not in the schema";
            else if (value is YamlMappingNode inner)
                foreach (var difference in Differences(inner, property, path))
                    yield return difference;
            else if (property.TryGetProperty("default", out var said) && said.ValueKind != JsonValueKind.Array && said.ToString() != Text(value)
                && !string.Equals(said.ToString(), Text(value), StringComparison.OrdinalIgnoreCase))
                yield return $"{path} is {Text(value)}, in the schema {said}";
        }
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    private static YamlMappingNode Yaml(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }
}
