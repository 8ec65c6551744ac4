using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using AiDc.Api.Schema;
using AiDc.Api.V1Alpha1;
using k8s.Models;

namespace AiDc.Api.Generator;

/// <summary>Writes the reference of a resource as Markdown, from the same types and comments as its schema.</summary>
public sealed class ReferenceWriter(XmlDocs docs)
{
    private readonly StringBuilder _text = new();

    public string Write(Type type)
    {
        _text.Clear();
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()!;
        var resource = type.GetCustomAttribute<ResourceAttribute>()!;
        Line("<!-- Generated from the C# types of operator/AiDc.Api by `make crds`. Edit those. -->");
        Line($"# {entity.Kind}");
        Line();
        Line(docs.Summary(type));
        Line();
        Line($"`apiVersion: {entity.Group}/{entity.ApiVersion}`, `kind: {entity.Kind}`, namespaced. `kubectl get {string.Join(", ", resource.ShortNames)}` "
            + $"for short; categories {string.Join(", ", resource.Categories.Select(c => $"`{c}`"))}. `kubectl explain {resource.Singular}.spec` says the same as this page.");
        Line();
        WriteFormats();
        WriteColumns(type);
        foreach (var field in ApiField.Of(type).Where(f => f.Name is "spec" or "status"))
            WriteObject(field.Name, field.Type);
        return _text.ToString();
    }

    private void WriteFormats()
    {
        Line("Durations are written as `30s`, `10m`, `1h30m`, `1.5h` or `7d` (units ns, us, ms, s, m, h, d). Quantities are Kubernetes quantities: `500m`, `2`, `4Gi`.");
        Line();
        Line("Storage URIs: `pvc://claim/path` is a folder in a PersistentVolumeClaim of the job's namespace. `hostpath:///folder` is a folder of the node; "
            + "the operator refuses it unless its allow-list (`allowedHostPaths`, empty by default) has the folder or one above it.");
        Line();
        Line("Unknown fields, wrong types and values out of range are refused when the object is applied, and so are contradictions on Kubernetes 1.25 and newer. "
            + "Below 1.25 unknown fields are refused by `kubectl` (not by the API server, which drops them). What the API server cannot check, or is too old to check, "
            + "the operator answers with the condition `Valid=False`, whose message names the field and the fix; no pod is created then.");
        Line();
    }

    private void WriteColumns(Type type)
    {
        Line("## Columns of kubectl get");
        Line();
        Line("| column | field | shown |");
        Line("|---|---|---|");
        foreach (var column in type.GetCustomAttributes<PrinterColumnAttribute>())
            Line($"| {column.Name.ToUpperInvariant()} | `{column.JsonPath[1..]}` | {(column.Priority == 0 ? "always" : "with `-o wide`")} |");
        Line();
    }

    private void WriteObject(string path, Type type)
    {
        var fields = ApiField.Of(type);
        Line($"## {path}");
        Line();
        Line(docs.Summary(type));
        Line();
        Line("| field | type | default | limits | meaning |");
        Line("|---|---|---|---|---|");
        foreach (var field in fields)
            Line($"| `{field.Name}` | {TypeOf(path, field)} | {DefaultOf(field)} | {LimitsOf(field)} | {Cell(docs.Summary(field.Property))} |");
        Line();
        var rules = type.GetCustomAttributes<RuleAttribute>().ToList();
        if (rules.Count > 0)
        {
            Line("Refused:");
            Line();
            foreach (var rule in rules)
                Line($"- {rule.Message}");
            Line();
        }

        foreach (var field in fields)
        {
            if (ObjectOf(field.Type) is { } inner)
                WriteObject(PathOf(path, field), inner);
        }
    }

    private static Type? ObjectOf(Type type)
    {
        var item = ItemOf(type) ?? type;
        return item.Namespace == typeof(TrainingJob).Namespace && item != typeof(PodTemplate) ? item : null;
    }

    private static Type? ItemOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static string PathOf(string path, ApiField field) => $"{path}.{field.Name}{(ItemOf(field.Type) is null ? "" : "[]")}";

    private static string TypeOf(string path, ApiField field)
    {
        if (ObjectOf(field.Type) is not null)
        {
            var target = PathOf(path, field);
            var anchor = target.Replace(".", "", StringComparison.Ordinal).Replace("[]", "", StringComparison.Ordinal).ToLowerInvariant();
            return $"[{(ItemOf(field.Type) is null ? "object" : "list of objects")}](#{anchor})";
        }

        return field.Format switch
        {
            StringFormat.Duration or StringFormat.PositiveDuration => "duration",
            StringFormat.Quantity => "quantity",
            StringFormat.StorageUri => "storage URI",
            StringFormat.ModelUri => "model URI",
            StringFormat.Sha256 => "SHA-256 sum",
            _ => Name(field.Type),
        };
    }

    private static string Name(Type type) => type switch
    {
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "whole number",
        _ when type == typeof(double) => "number",
        _ when type == typeof(DateTimeOffset) => "time",
        _ when type == typeof(PodTemplate) => "pod template",
        _ when type == typeof(V1Condition) => "condition",
        _ when ItemOf(type) is { } item => $"list of {Name(item)}s",
        _ when type.IsGenericType => $"map of text to {Name(type.GetGenericArguments()[1])}",
        _ => type.Name,
    };

    private static string DefaultOf(ApiField field) => field switch
    {
        { Required: true } => "**required**",
        { Default: string text } => $"`{text}`",
        { Default: bool flag } => flag ? "`true`" : "`false`",
        { Default: IReadOnlyList<int> { Count: > 0 } numbers } => $"`[{string.Join(", ", numbers)}]`",
        { Default: IFormattable number } when field.Type.IsPrimitive => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => "",
    };

    private static string LimitsOf(ApiField field)
    {
        var limits = new List<string>();
        if (field.Attribute<AllowedValuesAttribute>() is { } allowed)
            limits.Add(string.Join(", ", allowed.Values.Select(v => $"`{v}`")));
        if (field.Attribute<RangeAttribute>() is { } range)
        {
            limits.Add((field.Attribute<ExclusiveMinimumAttribute>() is null ? "from " : "above ") + Text(range.Minimum));
            limits.Add((field.Attribute<ExclusiveMaximumAttribute>() is null ? "to " : "below ") + Text(range.Maximum));
        }

        if (field.Attribute<ItemRangeAttribute>() is { } items)
            limits.Add($"each {items.Minimum} to {items.Maximum}");
        if (field.Format is StringFormat.PositiveDuration)
            limits.Add("above 0");
        if (field.Attribute<MinLengthAttribute>() is { } min)
            limits.Add($"at least {min.Length}");
        if (field.Attribute<MaxLengthAttribute>() is { } max)
            limits.Add(field.Type == typeof(string) ? $"at most {max.Length} characters" : $"at most {max.Length}");
        return string.Join(", ", limits).Replace(", to ", " to ", StringComparison.Ordinal);
    }

    private static string Text(object number) => Convert.ToString(number, CultureInfo.InvariantCulture)!;

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private void Line(string text = "") => _text.Append(text).Append('\n');
}
