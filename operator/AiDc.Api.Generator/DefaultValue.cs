using System.Globalization;
using System.Text.Json.Nodes;
using AiDc.Api.Schema;
using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Generator;

/// <summary>
/// Writes the default of a field, of an object with all that it holds. An API server holds the default of an object against the rules of that
/// object before it fills in the defaults of its fields, and refuses the whole definition when a rule asks for a field that is not there yet.
/// </summary>
internal static class DefaultValue
{
    /// <summary>Null: there is none.</summary>
    public static JsonNode? Of(ApiField field) => Of(field, field.Default);

    public static JsonNode Number(object value)
    {
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        return number == Math.Truncate(number) && Math.Abs(number) < 1e15 ? (long)number : number;
    }

    private static JsonNode? Of(ApiField field, object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag,
        int number => number,
        long number => number,
        double number => Number(number),
        IReadOnlyList<int> { Count: > 0 } numbers => new JsonArray([.. numbers.Select(n => (JsonNode)n)]),
        // A list that is empty unless given has no default in the schema.
        System.Collections.ICollection { Count: 0 } => null,
        _ when field.Type.Namespace == typeof(TrainingJob).Namespace && value is not PodTemplate => OfObject(field, value),
        _ => throw new NotSupportedException($"{Name(field)}: no way to write the default {value}"),
    };

    private static JsonObject OfObject(ApiField field, object value)
    {
        var written = new JsonObject();
        foreach (var inner in ApiField.Of(field.Type))
        {
            if (inner.Required)
                throw new NotSupportedException($"{Name(field)}: an object with a required field ({inner.Name}) cannot have a default");
            if (Of(inner, inner.Property.GetValue(value)) is { } json)
                written[inner.Name] = json;
            else if (Of(inner) is not null)
                throw new NotSupportedException($"{Name(field)}: its default leaves {inner.Name} out, and API servers would fill in the default of that");
        }

        return written;
    }

    private static string Name(ApiField field) => $"{field.Property.DeclaringType!.Name}.{field.Property.Name}";
}
