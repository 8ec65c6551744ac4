using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;

namespace AiDc.ControllerRuntime.Json;

/// <summary>One answer to a list request. Read from the stream: what <typeparamref name="T"/> leaves out is never in memory.</summary>
internal sealed class ListPage<T>
{
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; set; } = new();

    [JsonPropertyName("items")]
    public List<T> Items { get; set; } = [];

    /// <summary>A reader of lists whose items are read by <paramref name="item"/>.</summary>
    public static JsonTypeInfo<ListPage<T>> TypeInfo(JsonTypeInfo<T> item)
    {
        var options = new JsonSerializerOptions(item.Options)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine(item.Options.TypeInfoResolver, new DefaultJsonTypeInfoResolver()),
        };
        return (JsonTypeInfo<ListPage<T>>)options.GetTypeInfo(typeof(ListPage<T>));
    }
}
