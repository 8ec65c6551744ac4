using System.Text.RegularExpressions;
using AiDc.Api.Schema;
using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Tests.Validation;

/// <summary>The fields and rules that a type of specs has, to be held against a table of bad values.</summary>
internal static partial class SpecShape
{
    /// <summary>The fields of which no bad value is in the table.</summary>
    public static IEnumerable<string> NotIn(IEnumerable<BadValue> table, Type spec)
    {
        var covered = table.SelectMany(b => new[] { b.Path, b.ErrorAt }).Select(p => Indexes().Replace(p, "")).ToHashSet(StringComparer.Ordinal);
        return Leaves(spec, "spec").Where(leaf => !covered.Contains(leaf));
    }

    /// <summary>How many CEL rules its types declare.</summary>
    public static int Rules(Type spec) => SpecTypes(spec).Distinct().SelectMany(t => t.GetCustomAttributes(typeof(RuleAttribute), false)).Count();

    private static IEnumerable<string> Leaves(Type type, string path) => ApiField.Of(type).SelectMany(field =>
    {
        var inner = Inner(field.Type);
        return inner is null ? [$"{path}.{field.Name}"] : Leaves(inner, $"{path}.{field.Name}");
    });

    private static IEnumerable<Type> SpecTypes(Type type) =>
        ApiField.Of(type).Select(f => Inner(f.Type)).OfType<Type>().SelectMany(SpecTypes).Prepend(type);

    private static Type? Inner(Type type)
    {
        var item = type.IsGenericType ? type.GetGenericArguments()[0] : type;
        return item.Namespace == typeof(TrainingJob).Namespace && item != typeof(PodTemplate) ? item : null;
    }

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Indexes();
}
