using System.Text.RegularExpressions;
using AiDc.Api.Schema;
using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Generator;

/// <summary>
/// Which fields a CEL rule reads. A rule that reads a field that an object need not have is an error on the API server ("no such key"), in
/// the definition or for the user's object: such a field has to be required, to have a default, or to be asked for by has() first.
/// </summary>
internal static partial class RuleFields
{
    /// <exception cref="NotSupportedException">The rule reads what may be missing, or what there is not.</exception>
    public static void Check(Type type, RuleAttribute rule)
    {
        var expression = Literals().Replace(rule.Expression, "''");
        var asked = Has().Matches(expression).Select(m => m.Groups["path"].Value).ToHashSet(StringComparer.Ordinal);
        foreach (var path in asked)
            CheckPath(type, rule, path[..path.LastIndexOf('.')], asked);
        foreach (Match read in Read().Matches(Has().Replace(expression, "")))
            CheckPath(type, rule, read.Groups["path"].Value, asked);
    }

    private static void CheckPath(Type type, RuleAttribute rule, string path, HashSet<string> asked)
    {
        var read = "";
        foreach (var name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (type.Namespace != typeof(TrainingJob).Namespace)
                return;
            var field = ApiField.Of(type).SingleOrDefault(f => f.Name == name)
                ?? throw new NotSupportedException($"the rule '{rule.Expression}' reads {name}, which {type.Name} does not have");
            read += "." + name;
            if (!field.Required && DefaultValue.Of(field) is null && !asked.Contains(read))
                throw new NotSupportedException($"the rule '{rule.Expression}' reads self{read}, which may be missing: ask has(self{read}) first, or give it a default");
            type = field.Type;
        }
    }

    [GeneratedRegex("'[^']*'|\"[^\"]*\"")]
    private static partial Regex Literals();

    [GeneratedRegex(@"\bhas\(self(?<path>(\.\w+)+)\)")]
    private static partial Regex Has();

    /// <summary>A path of fields; what is called at its end is no field.</summary>
    [GeneratedRegex(@"\bself(?<path>(\.\w+(?![\w(]))+)")]
    private static partial Regex Read();
}
