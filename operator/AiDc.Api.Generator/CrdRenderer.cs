using System.Text;
using System.Text.Json.Nodes;

namespace AiDc.Api.Generator;

/// <summary>
/// One definition, two renderings: plain for one version of Kubernetes, and as a chart template that decides when it is rendered.
/// What differs is <c>x-kubernetes-validations</c>: kubectl refuses it where the server is older than 1.25.
/// </summary>
public static class CrdRenderer
{
    private const string Rules = "x-kubernetes-validations";
    private const string Header = "# Generated from the C# types of operator/AiDc.Api by `make crds`. Edit those.\n";

    /// <summary>The definition for a version; null = for the newest.</summary>
    public static string Render(JsonObject crd, KubeVersion? version)
    {
        var copy = crd.DeepClone().AsObject();
        if (version < KubeVersion.FirstWithRules)
            RemoveRules(copy);
        return Header + Yaml.Write(copy);
    }

    /// <summary>The definitions as one template of the chart.</summary>
    public static string RenderChartTemplate(IEnumerable<JsonObject> crds)
    {
        var text = new StringBuilder(Header);
        text.Append("{{- if include \"aidc.crds.install\" . }}\n");
        foreach (var crd in crds)
            text.Append("---\n").Append(MakeConditional(AddKeepAnnotation(Yaml.Write(crd))));
        return text.Append("{{- end }}\n").ToString();
    }

    private static string AddKeepAnnotation(string yaml)
    {
        const string metadata = "\nmetadata:\n";
        const string annotation = """
              {{- if .Values.crds.keep }}
              annotations:
                # An uninstall that took the definition away would delete every job with it.
                helm.sh/resource-policy: keep
              {{- end }}

            """;
        var at = yaml.IndexOf(metadata, StringComparison.Ordinal) + metadata.Length;
        return yaml.Insert(at, annotation);
    }

    private static string MakeConditional(string yaml)
    {
        var text = new StringBuilder();
        var blockIndent = -1;
        foreach (var line in yaml.TrimEnd('\n').Split('\n'))
        {
            var indent = line.Length - line.TrimStart(' ').Length;
            if (blockIndent >= 0 && indent <= blockIndent)
            {
                text.Append(' ', blockIndent).Append("{{- end }}\n");
                blockIndent = -1;
            }

            if (line.TrimStart(' ') == Rules + ":")
            {
                blockIndent = indent;
                text.Append(' ', indent).Append("{{- if semverCompare \">=1.25-0\" $.Capabilities.KubeVersion.Version }}\n");
            }

            text.Append(line).Append('\n');
        }

        if (blockIndent >= 0)
            text.Append(' ', blockIndent).Append("{{- end }}\n");
        return text.ToString();
    }

    private static void RemoveRules(JsonNode? node)
    {
        if (node is JsonObject map)
        {
            map.Remove(Rules);
            foreach (var (_, child) in map)
                RemoveRules(child);
        }
        else if (node is JsonArray list)
        {
            foreach (var child in list)
                RemoveRules(child);
        }
    }
}
