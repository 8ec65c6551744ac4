using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Generator;

/// <summary>Everything that is generated from the types, by its path in the repository.</summary>
public static class GeneratedFiles
{
    /// <summary>The resource types, one definition each.</summary>
    public static IReadOnlyList<Type> Types { get; } = [typeof(TrainingJob), typeof(InferenceService)];

    public static IReadOnlyDictionary<string, string> All()
    {
        var docs = XmlDocs.Of(typeof(TrainingJob).Assembly);
        var definitions = Types.ToDictionary(t => t, t => new CrdBuilder(docs).Build(t));
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["charts/aidc/templates/crds.yaml"] = CrdRenderer.RenderChartTemplate(definitions.Values),
        };
        foreach (var (type, definition) in definitions)
        {
            var plural = definition["spec"]!["names"]!["plural"]!.GetValue<string>();
            files[$"crds/{plural}.yaml"] = CrdRenderer.Render(definition, null);
            files[$"docs/reference/{type.Name.ToLowerInvariant()}.md"] = new ReferenceWriter(docs).Write(type);
        }

        return files;
    }

    /// <summary>All definitions for one version of Kubernetes, as one stream of YAML documents.</summary>
    public static string Definitions(KubeVersion version)
    {
        var docs = XmlDocs.Of(typeof(TrainingJob).Assembly);
        return string.Join("---\n", Types.Select(t => CrdRenderer.Render(new CrdBuilder(docs).Build(t), version)));
    }
}
