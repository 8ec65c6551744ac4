using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using AiDc.Api.Schema;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using k8s.Models;

namespace AiDc.Api.Generator;

/// <summary>Makes the structural OpenAPI v3 schema of a resource out of its C# types. Pure, but for the doc comments given to it.</summary>
public sealed class SchemaBuilder(XmlDocs docs)
{
    /// <summary>A whole object: apiVersion, kind and metadata are the API server's own, the rest comes from the type.</summary>
    public JsonObject BuildRoot(Type type)
    {
        var schema = BuildObject(type, field => field.Name is not ("apiVersion" or "kind" or "metadata"));
        var properties = new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["type"] = "string" },
            ["kind"] = new JsonObject { ["type"] = "string" },
            ["metadata"] = new JsonObject { ["type"] = "object" },
        };
        foreach (var (name, property) in schema["properties"]!.AsObject().ToList())
            properties[name] = property!.DeepClone();
        schema["properties"] = properties;
        return schema;
    }

    private JsonObject BuildObject(Type type, Func<ApiField, bool> include)
    {
        var fields = ApiField.Of(type).Where(include).ToList();
        var properties = new JsonObject();
        foreach (var field in fields)
            properties[field.Name] = BuildField(field);

        var schema = Described(docs.Summary(type), "object");
        var required = fields.Where(f => f.Required).Select(f => (JsonNode)f.Name).ToArray();
        if (required.Length > 0)
            schema["required"] = new JsonArray(required);
        schema["properties"] = properties;
        AddRules(schema, type);
        return schema;
    }

    private JsonObject BuildField(ApiField field)
    {
        var schema = BuildType(field.Type, field);
        var summary = docs.Summary(field.Property);
        if (summary.Length > 0)
            Replace(schema, "description", summary);
        AddLimits(schema, field);
        if (DefaultValue.Of(field) is { } value)
            schema["default"] = value;
        return schema;
    }

    private JsonObject BuildType(Type type, ApiField? field) => type switch
    {
        _ when type == typeof(string) => field?.Format is StringFormat.Quantity ? Quantity() : Described("", "string"),
        _ when type == typeof(bool) => Described("", "boolean"),
        _ when type == typeof(int) => Formatted("integer", "int32"),
        _ when type == typeof(long) => Formatted("integer", "int64"),
        _ when type == typeof(double) => Described("", "number"),
        _ when type == typeof(DateTimeOffset) || type == typeof(DateTime) => Formatted("string", "date-time"),
        _ when type == typeof(PodTemplate) => new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
        _ when type == typeof(V1Condition) => ConditionSchema.Build(),
        _ when IsGeneric(type, typeof(IReadOnlyList<>)) => BuildList(type.GetGenericArguments()[0], field!),
        _ when IsGeneric(type, typeof(IReadOnlyDictionary<,>)) => new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = BuildType(type.GetGenericArguments()[1], null),
        },
        _ when type.Namespace == typeof(TrainingJob).Namespace => BuildObject(type, _ => true),
        _ => throw new NotSupportedException($"{field?.Property.DeclaringType}.{field?.Property.Name}: no schema for {type}"),
    };

    private JsonObject BuildList(Type item, ApiField field)
    {
        var items = BuildType(item, null);
        if (field.Attribute<ItemRangeAttribute>() is { } range)
        {
            items["minimum"] = range.Minimum;
            items["maximum"] = range.Maximum;
        }

        var schema = new JsonObject { ["type"] = "array", ["items"] = items };
        if (field.Attribute<ListMapKeyAttribute>() is { } map)
        {
            schema["x-kubernetes-list-type"] = "map";
            schema["x-kubernetes-list-map-keys"] = new JsonArray(map.Key);
        }

        return schema;
    }

    private static void AddLimits(JsonObject schema, ApiField field)
    {
        var isList = schema["type"]?.GetValue<string>() == "array";
        if (field.Attribute<RangeAttribute>() is { } range)
        {
            schema["minimum"] = DefaultValue.Number(range.Minimum);
            schema["maximum"] = DefaultValue.Number(range.Maximum);
        }

        if (field.Attribute<ExclusiveMinimumAttribute>() is { } above)
        {
            schema["minimum"] = DefaultValue.Number(above.Bound);
            schema["exclusiveMinimum"] = true;
        }

        if (field.Attribute<ExclusiveMaximumAttribute>() is { } below)
        {
            schema["maximum"] = DefaultValue.Number(below.Bound);
            schema["exclusiveMaximum"] = true;
        }

        if (field.Attribute<MinLengthAttribute>() is { } min)
            schema[isList ? "minItems" : "minLength"] = min.Length;
        if (field.Attribute<MaxLengthAttribute>() is { } max)
            schema[isList ? "maxItems" : "maxLength"] = max.Length;
        if (field.Attribute<AllowedValuesAttribute>() is { } allowed)
            schema["enum"] = new JsonArray([.. allowed.Values.Select(v => (JsonNode)(string)v!)]);
        AddFormat(schema, field);
    }

    private static void AddFormat(JsonObject schema, ApiField field)
    {
        switch (field.Format)
        {
            case StringFormat.Duration:
                schema["maxLength"] = GoDuration.MaxLength;
                schema["pattern"] = GoDuration.Pattern;
                break;
            case StringFormat.PositiveDuration:
                schema["maxLength"] = GoDuration.MaxLength;
                schema["pattern"] = GoDuration.Pattern;
                schema["allOf"] = new JsonArray(new JsonObject { ["pattern"] = "[1-9]" });
                break;
            case StringFormat.StorageUri:
                schema["pattern"] = StorageUri.Pattern;
                break;
            case StringFormat.ModelUri:
                schema["pattern"] = ModelUri.Pattern;
                break;
            case StringFormat.Sha256:
                schema["pattern"] = ModelUri.SumPattern;
                break;
            case StringFormat.Quantity:
            case null:
                break;
            default:
                throw new NotSupportedException($"{field.Name}: no schema for the format {field.Format}");
        }
    }

    private static JsonObject Quantity() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        // The pattern is for texts, the bound for whole numbers.
        ["pattern"] = QuantityText.Pattern,
        ["minimum"] = 1,
        ["x-kubernetes-int-or-string"] = true,
    };

    private static void AddRules(JsonObject schema, Type type)
    {
        var rules = type.GetCustomAttributes<RuleAttribute>().ToList();
        foreach (var rule in rules)
            RuleFields.Check(type, rule);
        var list = rules.Select(r => (JsonNode)new JsonObject { ["rule"] = r.Expression, ["message"] = r.Message }).ToArray();
        if (list.Length > 0)
            schema["x-kubernetes-validations"] = new JsonArray(list);
    }

    private static bool IsGeneric(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;

    private static JsonObject Formatted(string type, string format) => new() { ["type"] = type, ["format"] = format };

    private static JsonObject Described(string description, string type) => description.Length == 0
        ? new JsonObject { ["type"] = type }
        : new JsonObject { ["description"] = description, ["type"] = type };

    private static void Replace(JsonObject schema, string name, string value)
    {
        schema.Remove(name);
        schema.Insert(0, name, value);
    }
}
