using System.Text.Json.Nodes;

namespace AiDc.Api.Tests.Server.Current;

/// <summary>A rule of a definition.</summary>
/// <param name="Plural">The resource.</param>
/// <param name="At">The object that it is a rule of, for example spec.trainer.optimizer.</param>
/// <param name="Expression">What has to hold there.</param>
/// <param name="Message">What the server says where it does not.</param>
internal sealed record DefinedRule(string Plural, string At, string Expression, string Message)
{
    /// <summary>All rules of all definitions, as generated.</summary>
    public static IReadOnlyList<DefinedRule> All() =>
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "crds")).Order(StringComparer.Ordinal).SelectMany(file =>
        {
            var spec = Manifests.Parse(File.ReadAllText(file))[0]["spec"]!;
            return Of(spec["names"]!["plural"]!.GetValue<string>(), "", spec["versions"]![0]!["schema"]!["openAPIV3Schema"]!);
        }),
    ];

    private static IEnumerable<DefinedRule> Of(string plural, string path, JsonNode schema)
    {
        foreach (var rule in schema["x-kubernetes-validations"]?.AsArray() ?? [])
            yield return new(plural, path, rule!["rule"]!.GetValue<string>(), rule["message"]!.GetValue<string>());
        foreach (var (name, child) in schema["properties"]?.AsObject() ?? [])
        {
            foreach (var rule in Of(plural, path.Length == 0 ? name : $"{path}.{name}", child!))
                yield return rule;
        }

        foreach (var (child, suffix) in new[] { (schema["items"], "[0]"), (schema["additionalProperties"] as JsonObject, "[key]") })
        {
            foreach (var rule in child is null ? [] : Of(plural, path + suffix, child))
                yield return rule;
        }
    }
}

/// <summary>An object that breaks one rule, and the nearest one that does not.</summary>
internal sealed record RulePair(string Plural, string At, string Expression, JsonObject Breaks, JsonObject Near)
{
    public override string ToString() => $"{Plural} {At}: {Expression}";
}
