using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Training.Builders;

/// <summary>A worker's pod as JSON that is ready to be sent.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
[JsonConverter(typeof(Converter))]
public sealed class WorkerPodBody : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Pod";

    /// <summary>Name and namespace only; the rest is in <see cref="Json"/>.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    public int Index { get; init; }

    /// <summary>The whole pod as UTF-8.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    private sealed class Converter : JsonConverter<WorkerPodBody>
    {
        public override WorkerPodBody Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A pod's body is sent and never read.");

        public override void Write(Utf8JsonWriter writer, WorkerPodBody value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
    }
}
