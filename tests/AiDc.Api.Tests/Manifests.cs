using System.Globalization;
using System.Text.Json.Nodes;
using AiDc.Api.V1Alpha1;
using k8s;
using YamlDotNet.RepresentationModel;

namespace AiDc.Api.Tests;

/// <summary>Manifests as JSON, to be changed at a path and read as a job.</summary>
internal static class Manifests
{
    private const string BuiltIn = """
        {
          "apiVersion": "aidc.dev/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "digits"},
          "spec": {
            "trainer": {"task": "image-classification", "data": {"uri": "pvc://datasets/mnist", "format": "idx"}},
            "checkpoint": {"uri": "pvc://models/mnist"}
          }
        }
        """;

    private const string OwnImage = """
        {
          "apiVersion": "aidc.dev/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "own"},
          "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "registry.example.com/train:1"}]}}}
        }
        """;

    private const string Served = """
        {
          "apiVersion": "aidc.dev/v1alpha1", "kind": "InferenceService", "metadata": {"name": "digits"},
          "spec": {"model": {"uri": "pvc://models/mnist/model"}}
        }
        """;

    private const string OwnServer = """
        {
          "apiVersion": "aidc.dev/v1alpha1", "kind": "InferenceService", "metadata": {"name": "own"},
          "spec": {"template": {"spec": {"containers": [
            {"name": "main", "image": "registry.example.com/serve:1", "ports": [{"containerPort": 8080}]}]}}}
        }
        """;

    /// <summary>A service of the built-in server with nothing that it does not need.</summary>
    public static JsonObject ForBuiltInServer() => JsonNode.Parse(Served)!.AsObject();

    /// <summary>A service of a server of one's own with nothing that it does not need.</summary>
    public static JsonObject ForOwnServer() => JsonNode.Parse(OwnServer)!.AsObject();

    public static InferenceService ReadService(JsonNode manifest) => KubernetesJson.Deserialize<InferenceService>(manifest.ToJsonString());

    /// <summary>A job for the built-in trainer with nothing that it does not need.</summary>
    public static JsonObject ForBuiltInTrainer() => JsonNode.Parse(BuiltIn)!.AsObject();

    /// <summary>A job for an image of one's own with nothing that it does not need.</summary>
    public static JsonObject ForOwnImage() => JsonNode.Parse(OwnImage)!.AsObject();

    public static TrainingJob Read(JsonNode manifest) => KubernetesJson.Deserialize<TrainingJob>(manifest.ToJsonString());

    /// <summary>Sets a value at a path such as spec.failure.rules[0].action, with all that is missing on the way.</summary>
    public static JsonObject With(this JsonObject manifest, string path, string json)
    {
        var segments = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        JsonNode node = manifest;
        for (var i = 0; i < segments.Length - 1; i++)
            node = Child(node, segments[i], segments[i + 1].StartsWith('[') ? new JsonArray() : new JsonObject());
        Set(node, segments[^1], JsonNode.Parse(json));
        return manifest;
    }

    /// <summary>Takes a field out.</summary>
    public static JsonObject Without(this JsonObject manifest, string path)
    {
        var segments = path.Split('.');
        JsonNode? node = manifest;
        foreach (var segment in segments[..^1])
            node = node?[segment];
        (node as JsonObject)?.Remove(segments[^1]);
        return manifest;
    }

    /// <summary>The documents of a YAML file.</summary>
    public static IReadOnlyList<JsonObject> Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(d => ToJson(d.RootNode)!.AsObject())];
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, ToJson(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "null" or "~" or "" } => null,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "true" or "false" } flag => flag.Value == "true",
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } plain when long.TryParse(plain.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } plain when double.TryParse(plain.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode text => text.Value,
        _ => throw new NotSupportedException($"no JSON for {node.NodeType}"),
    };

    private static JsonNode Child(JsonNode node, string segment, JsonNode missing)
    {
        var existing = segment.StartsWith('[') ? Item(node.AsArray(), segment) : node[segment];
        if (existing is not null)
            return existing;
        Set(node, segment, missing);
        return missing;
    }

    private static JsonNode? Item(JsonArray list, string segment)
    {
        var index = Index(segment);
        return index < list.Count ? list[index] : null;
    }

    private static void Set(JsonNode node, string segment, JsonNode? value)
    {
        if (!segment.StartsWith('['))
        {
            node[segment] = value;
            return;
        }

        var list = node.AsArray();
        while (list.Count <= Index(segment))
            list.Add(null);
        list[Index(segment)] = value;
    }

    private static int Index(string segment) => int.Parse(segment.Trim('[', ']'), CultureInfo.InvariantCulture);
}
