using System.Text.Json;
using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Tensors;
using static TorchSharp.torch;

namespace AiDc.Trainer.Training;

/// <summary>The whole state of a run as it goes from its owner to the other ranks: a description in JSON, then the bytes of all tensors.</summary>
internal static class StateImage
{
    /// <summary>Bytes that go at once.</summary>
    private const int Chunk = 64 << 20;

    private sealed record Entry(string Set, string Name, string Type, long[] Shape, int Bytes);

    private sealed record Description(
        long Step, IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> Sets, IReadOnlyList<Entry> Tensors, int CheckpointGeneration);

    /// <summary>Sends the state, on the owner.</summary>
    public static void Send(RankGroup group, int owner, Checkpoint checkpoint, int checkpointGeneration, Device device)
    {
        var tensors = checkpoint.Tensors.SelectMany(s => s.Value.Select(t => (Set: s.Key, Tensor: t))).ToList();
        var description = JsonSerializer.SerializeToUtf8Bytes(
            new Description(
                checkpoint.Step,
                checkpoint.Values,
                [.. checkpoint.Tensors.Keys],
                [.. tensors.Select(t => new Entry(t.Set, t.Tensor.Name, Safetensors.NameOf(t.Tensor.Type), t.Tensor.Shape, t.Tensor.Data.Length))],
                checkpointGeneration),
            Json.Line);
        Length(group, owner, description.Length, device);
        Bytes(group, owner, description, device);
        foreach (var (_, tensor) in tensors) Bytes(group, owner, tensor.Data, device);
    }

    /// <summary>Receives the whole state, on everybody else; nothing is changed by that.</summary>
    public static (Checkpoint State, int CheckpointGeneration) Receive(RankGroup group, int owner, Device device)
    {
        var bytes = new byte[Length(group, owner, 0, device)];
        Bytes(group, owner, bytes, device);
        var description = JsonSerializer.Deserialize<Description>(bytes, Json.Line) ?? throw new InvalidOperationException("the owner sent no state");
        var sets = description.Sets.ToDictionary(set => set, _ => new List<HostTensor>(), StringComparer.Ordinal);
        foreach (var entry in description.Tensors)
        {
            var data = new byte[entry.Bytes];
            Bytes(group, owner, data, device);
            sets[entry.Set].Add(new(entry.Name, Safetensors.Find(entry.Type)!.Value.Type, entry.Shape, data));
        }

        var checkpoint = new Checkpoint(description.Step);
        foreach (var (name, json) in description.Values) checkpoint.PutJson(name, json);
        foreach (var (name, tensors) in sets) checkpoint.PutTensors(name, tensors);
        return (checkpoint, description.CheckpointGeneration);
    }

    private static int Length(RankGroup group, int owner, int length, Device device)
    {
        using var scope = NewDisposeScope();
        var value = tensor(new[] { (long)length }, int64).to(device);
        group.Broadcast(value, owner);
        return (int)value.cpu().item<long>();
    }

    /// <summary>Sends the bytes, or overwrites them by what the owner sends.</summary>
    private static void Bytes(RankGroup group, int owner, byte[] data, Device device)
    {
        for (var at = 0; at < data.Length; at += Chunk)
        {
            using var scope = NewDisposeScope();
            var part = data.AsSpan(at, Math.Min(Chunk, data.Length - at));
            var host = empty([part.Length], ScalarType.Byte);
            if (group.Rank == owner) part.CopyTo(host.bytes);
            var there = host.to(device);
            group.Broadcast(there, owner);
            if (group.Rank != owner) there.cpu().bytes.CopyTo(part);
        }
    }
}
