using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AiDc.Chart.Tests;

/// <summary>One object that the chart renders.</summary>
internal sealed record Rendered(string Kind, string Namespace, string Name, YamlMappingNode Body)
{
    /// <param name="arguments">Of helm template, after the release's name and the chart.</param>
    public static List<Rendered> By(string release, params string[] arguments) => Of(Helm.Run(["template", release, Helm.Chart, .. arguments]));

    public static List<Rendered> Of(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return
        [
            .. from document in yaml.Documents
               let body = document.RootNode as YamlMappingNode
               where body is { Children.Count: > 0 }
               let metadata = (YamlMappingNode)body["metadata"]
               select new Rendered(
                   Text(body["kind"]), metadata.Children.TryGetValue("namespace", out var ns) ? Text(ns) : "", Text(metadata["name"]), body),
        ];
    }

    /// <summary>Each plain value with its path, quoted ones left out: those are strings whatever they look like.</summary>
    public IEnumerable<(string Path, string Value)> PlainValues() => PlainValues(Body, Kind);

    public static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    /// <summary>The variables of the first container of a Deployment.</summary>
    public Dictionary<string, string> Variables() =>
        ((YamlSequenceNode)Container()["env"]).OfType<YamlMappingNode>().Where(v => v.Children.ContainsKey("value")).ToDictionary(v => Text(v["name"]), v => Text(v["value"]));

    public YamlNode Container() => Body["spec"]["template"]["spec"]["containers"][0];

    private static IEnumerable<(string Path, string Value)> PlainValues(YamlNode node, string path) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(child => PlainValues(child.Value, $"{path}.{Text(child.Key)}")),
        YamlSequenceNode list => list.Children.SelectMany((child, i) => PlainValues(child, $"{path}[{i}]")),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => [(path, scalar.Value ?? "")],
        _ => [],
    };
}
