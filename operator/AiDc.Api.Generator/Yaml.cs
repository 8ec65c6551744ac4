using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace AiDc.Api.Generator;

/// <summary>Writes JSON as YAML: keys in the order given, lists indented, texts quoted where they could be read as something else.</summary>
public static class Yaml
{
    private static readonly ISerializer Serializer = new SerializerBuilder()
        .WithIndentedSequences()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithNewLine("\n")
        .Build();

    public static string Write(JsonNode json) => Serializer.Serialize(Plain(json)!);

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => map.ToDictionary(p => p.Key, p => Plain(p.Value)),
        JsonArray list => list.Select(Plain).ToList(),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => new Verbatim(node.ToJsonString()),
            _ => throw new NotSupportedException($"no YAML for {node.GetValueKind()}"),
        },
    };

    /// <summary>A number as it stands in the JSON.</summary>
    private sealed class Verbatim(string text) : IYamlConvertible
    {
        public void Read(IParser parser, Type expectedType, ObjectDeserializer nestedObjectDeserializer) =>
            throw new NotSupportedException("only written");

        public void Write(IEmitter emitter, ObjectSerializer nestedObjectSerializer) =>
            emitter.Emit(new YamlDotNet.Core.Events.Scalar(text));
    }
}
