using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Json;

/// <summary>JSON as the API server speaks it: the settings of KubernetesClient, as UTF-8 and without managedFields.</summary>
public static class RuntimeJson
{
    private static readonly ConcurrentDictionary<Type, JsonTypeInfo> TypeInfos = new();

    /// <summary>
    /// Reads and writes Kubernetes models and custom resources. Nulls are left out. managedFields are often half of an
    /// object and no controller decides by them: they are skipped while reading. Labels and owners share their strings.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create(Trimmed);

    /// <summary>As <see cref="Options"/>, but nulls are written: in a merge patch null means remove.</summary>
    public static JsonSerializerOptions ExplicitNulls { get; } = Create(WithNulls);

    public static JsonTypeInfo<T> TypeInfo<T>() =>
        (JsonTypeInfo<T>)TypeInfos.GetOrAdd(typeof(T), static type => Options.GetTypeInfo(type));

    public static byte[] ToUtf8<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, TypeInfo<T>());

    private static JsonSerializerOptions Create(Action<JsonTypeInfo> modify)
    {
        JsonSerializerOptions? library = null;
        KubernetesJson.AddJsonOptions(options => library = options);
        var options = new JsonSerializerOptions(library!);
        options.TypeInfoResolver = options.TypeInfoResolver!.WithAddedModifier(modify);
        options.MakeReadOnly();
        return options;
    }

    private static void Trimmed(JsonTypeInfo info)
    {
        if (info.Type == typeof(V1ObjectMeta))
        {
            for (var i = info.Properties.Count - 1; i >= 0; i--)
                if (info.Properties[i].Name == "managedFields") info.Properties.RemoveAt(i);
            foreach (var property in info.Properties)
            {
                if (property.Name == "labels") property.CustomConverter = new InternedMapConverter();
                else if (property.Name == "namespace") property.CustomConverter = new InterningStringConverter();
            }
        }
        else if (info.Type == typeof(V1OwnerReference))
        {
            foreach (var property in info.Properties)
                if (property.PropertyType == typeof(string)) property.CustomConverter = new InterningStringConverter();
        }
    }

    private static void WithNulls(JsonTypeInfo info)
    {
        foreach (var property in info.Properties) property.ShouldSerialize = static (_, _) => true;
    }
}
