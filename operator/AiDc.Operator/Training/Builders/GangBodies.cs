using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AiDc.Api;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Training.Builders;

/// <summary>
/// The bodies of a gang's pods. They differ in a few numbers only, so one is built and serialized with a number that occurs
/// nowhere else, and the others are that text with their own index in its place: a gang of a thousand costs hardly more than one of two.
/// </summary>
public static class GangBodies
{
    /// <summary>Where the index of a worker is in its pod: name, label, RANK and JOB_COMPLETION_INDEX.</summary>
    private const int Places = 4;

    /// <param name="masterAddress">Address of the master's Service; null for a gang of one.</param>
    /// <param name="incarnations">Of workers that are replaced, by index; null where none is.</param>
    public static IReadOnlyList<WorkerPodBody> Render(
        GangBlueprint gang, IReadOnlyList<int> indexes, string? masterAddress, IReadOnlyDictionary<int, int>? incarnations = null)
    {
        if (incarnations is { Count: > 0 })
            return [.. indexes.Select(i => Replacement(gang, i, masterAddress, incarnations.GetValueOrDefault(i)))];
        var pieces = indexes.Count(i => i != 0) > 1 ? Pieces(gang, masterAddress) : null;
        return [.. indexes.Select(index => Body(gang, index,
            index == 0 || pieces is null ? RuntimeJson.ToUtf8(WorkerPodBuilder.Build(gang, index, masterAddress)) : Join(pieces, index)))];
    }

    private static WorkerPodBody Replacement(GangBlueprint gang, int index, string? masterAddress, int incarnation)
    {
        var pod = WorkerPodBuilder.Build(gang, index, masterAddress, incarnation);
        return new()
        {
            Metadata = new() { Name = pod.Metadata.Name, NamespaceProperty = pod.Metadata.NamespaceProperty },
            Index = index,
            Json = RuntimeJson.ToUtf8(pod),
        };
    }

    private static WorkerPodBody Body(GangBlueprint gang, int index, byte[] json) => new()
    {
        Metadata = new()
        {
            Name = Names.WorkerPod(gang.Job.Metadata.Name, index, gang.Attempt),
            NamespaceProperty = gang.Job.Metadata.NamespaceProperty,
        },
        Index = index,
        Json = json,
    };

    /// <summary>The text between the places. Null where the user's template has every number tried: then each pod is built on its own.</summary>
    private static List<byte[]>? Pieces(GangBlueprint gang, string? masterAddress)
    {
        for (var marker = 1_987_654_301; marker < 1_987_654_304; marker++)
        {
            var text = RuntimeJson.ToUtf8(WorkerPodBuilder.Build(gang, marker, masterAddress));
            var pieces = Split(text, Encoding.ASCII.GetBytes(marker.ToString(CultureInfo.InvariantCulture)));
            if (pieces.Count == Places + 1) return pieces;
        }
        return null;
    }

    private static List<byte[]> Split(byte[] text, byte[] marker)
    {
        var pieces = new List<byte[]>();
        var rest = text.AsSpan();
        for (var at = rest.IndexOf(marker); at >= 0; at = rest.IndexOf(marker))
        {
            pieces.Add(rest[..at].ToArray());
            rest = rest[(at + marker.Length)..];
        }
        pieces.Add(rest.ToArray());
        return pieces;
    }

    private static byte[] Join(List<byte[]> pieces, int index)
    {
        Span<byte> digits = stackalloc byte[11];
        index.TryFormat(digits, out var count, provider: CultureInfo.InvariantCulture);
        var body = new byte[pieces.Sum(p => p.Length) + (count * (pieces.Count - 1))];
        var at = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            if (i > 0)
            {
                digits[..count].CopyTo(body.AsSpan(at));
                at += count;
            }
            pieces[i].CopyTo(body.AsSpan(at));
            at += pieces[i].Length;
        }
        return body;
    }
}

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
