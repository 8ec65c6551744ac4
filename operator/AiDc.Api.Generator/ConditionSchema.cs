using System.Text.Json.Nodes;

namespace AiDc.Api.Generator;

/// <summary>The schema of Kubernetes' own condition type, whose limits its C# class does not carry.</summary>
internal static class ConditionSchema
{
    public static JsonObject Build() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("type", "status", "lastTransitionTime", "reason", "message"),
        ["properties"] = new JsonObject
        {
            ["type"] = Text("Which condition.", 316),
            ["status"] = new JsonObject
            {
                ["description"] = "Whether it holds.",
                ["type"] = "string",
                ["enum"] = new JsonArray("True", "False", "Unknown"),
            },
            ["reason"] = Text("Why, in one word for machines.", 1024),
            ["message"] = Text("Why, for people.", 32768),
            ["lastTransitionTime"] = new JsonObject
            {
                ["description"] = "Since when the status is what it is.",
                ["type"] = "string",
                ["format"] = "date-time",
            },
            ["observedGeneration"] = new JsonObject
            {
                ["description"] = "The metadata.generation that it answers.",
                ["type"] = "integer",
                ["format"] = "int64",
                ["minimum"] = 0,
            },
        },
    };

    private static JsonObject Text(string description, int maxLength) =>
        new() { ["description"] = description, ["type"] = "string", ["maxLength"] = maxLength };
}
