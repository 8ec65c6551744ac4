using System.Reflection;
using System.Text.Json.Nodes;
using AiDc.Api.Schema;
using k8s.Models;

namespace AiDc.Api.Generator;

/// <summary>Makes the CustomResourceDefinition of a resource type.</summary>
public sealed class CrdBuilder(XmlDocs docs)
{
    public JsonObject Build(Type type)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{type} has no {nameof(KubernetesEntityAttribute)}", nameof(type));
        var resource = type.GetCustomAttribute<ResourceAttribute>()
            ?? throw new ArgumentException($"{type} has no {nameof(ResourceAttribute)}", nameof(type));
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{entity.PluralName}.{entity.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = entity.Group,
                ["scope"] = "Namespaced",
                ["names"] = new JsonObject
                {
                    ["kind"] = entity.Kind,
                    ["listKind"] = entity.Kind + "List",
                    ["plural"] = entity.PluralName,
                    ["singular"] = resource.Singular,
                    ["shortNames"] = Texts(resource.ShortNames),
                    ["categories"] = Texts(resource.Categories),
                },
                ["versions"] = new JsonArray(Version(type, entity)),
            },
        };
    }

    private JsonObject Version(Type type, KubernetesEntityAttribute entity) => new()
    {
        ["name"] = entity.ApiVersion,
        ["served"] = true,
        ["storage"] = true,
        ["subresources"] = Subresources(type.GetCustomAttribute<ResourceAttribute>()!),
        ["additionalPrinterColumns"] = new JsonArray([.. type.GetCustomAttributes<PrinterColumnAttribute>().Select(Column)]),
        ["schema"] = new JsonObject { ["openAPIV3Schema"] = new SchemaBuilder(docs).BuildRoot(type) },
    };

    private static JsonObject Subresources(ResourceAttribute resource)
    {
        var subresources = new JsonObject { ["status"] = new JsonObject() };
        if (resource.SpecReplicasPath is null)
            return subresources;
        subresources["scale"] = new JsonObject
        {
            ["specReplicasPath"] = resource.SpecReplicasPath,
            ["statusReplicasPath"] = resource.StatusReplicasPath,
            ["labelSelectorPath"] = resource.LabelSelectorPath,
        };
        return subresources;
    }

    private static JsonNode Column(PrinterColumnAttribute column)
    {
        var json = new JsonObject { ["name"] = column.Name, ["type"] = column.Type, ["jsonPath"] = column.JsonPath };
        if (column.Priority > 0)
            json["priority"] = column.Priority;
        return json;
    }

    private static JsonArray Texts(string[] texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
