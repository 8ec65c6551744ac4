using System.Text.Json;
using System.Text.Json.Nodes;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Tensors;

namespace AiDc.Trainer.Checkpoints;

/// <summary>The files of one checkpoint's folder: one of tensors for each set, state.json with all values, and the manifest.</summary>
internal static class CheckpointFiles
{
    private const string Extension = ".safetensors";
    private const string State = "state.json";
    private const string VersionField = "formatVersion";

    /// <summary>Writes a new folder; the manifest comes last and at once, so that it is whole or not there.</summary>
    /// <returns>The size of all files.</returns>
    public static long Write(IStorageFolder root, CheckpointName name, Checkpoint checkpoint, DateTimeOffset now)
    {
        var files = new SortedDictionary<string, CheckpointManifest.Entry>(StringComparer.Ordinal);
        foreach (var (set, tensors) in checkpoint.Tensors) Add(set + Extension, stream => SafetensorsWriter.Write(stream, tensors));
        Add(State, stream => JsonSerializer.Serialize(stream, ToJson(checkpoint), Json.File));
        var manifest = new CheckpointManifest(CheckpointManifest.CurrentVersion, name.Generation, name.Step, now, files);
        root.Publish($"{name}/{CheckpointManifest.FileName}", stream => JsonSerializer.Serialize(stream, manifest, Json.File));
        return files.Values.Sum(f => f.Bytes);

        void Add(string file, Action<Stream> write)
        {
            var (bytes, sha256) = root.Write($"{name}/{file}", write);
            files.Add(file, new(bytes, sha256));
        }
    }

    /// <exception cref="StorageException">It cannot be told now.</exception>
    public static bool HasManifest(IStorageFolder root, CheckpointName name) => root.Exists($"{name}/{CheckpointManifest.FileName}");

    /// <exception cref="InvalidFileException">A file is missing, truncated or altered, or holds values that are not finite.</exception>
    /// <exception cref="NewerFormatException">It was written by a program that is newer than this one.</exception>
    /// <exception cref="StorageException">It cannot be read now.</exception>
    public static Checkpoint Read(IStorageFolder root, CheckpointName name)
    {
        var manifest = ReadManifest(root, $"{name}/{CheckpointManifest.FileName}");
        var checkpoint = Checked(State, (stream, path) => FromJson(StoredFiles.ParseJson<JsonObject>(stream, path), name.Step, path));
        // Of sets that this program does not know, too: whoever looks for one finds it.
        foreach (var file in manifest.Files.Keys.Where(f => f.EndsWith(Extension, StringComparison.Ordinal)))
            checkpoint.PutTensors(file[..^Extension.Length], Checked(file, (stream, path) => SafetensorsReader.Read(stream, path).Values.ToList()));
        return checkpoint.NotFinite() is { } tensor
            ? throw new InvalidFileException(root.Locate(name.ToString()), $"tensor {tensor} has values that are not finite")
            : checkpoint;

        T Checked<T>(string file, Func<Stream, string, T> read) => manifest.Files.TryGetValue(file, out var entry)
            ? StoredFiles.ReadChecked(root, $"{name}/{file}", new(entry.Bytes, entry.Sha256), read)
            : throw new InvalidFileException(root.Locate($"{name}/{CheckpointManifest.FileName}"), $"it does not name {file}");
    }

    private static JsonObject ToJson(Checkpoint checkpoint)
    {
        var json = new JsonObject();
        foreach (var (name, value) in checkpoint.Values) json[name] = JsonNode.Parse(value);
        json[VersionField] = CheckpointManifest.CurrentVersion;
        return json;
    }

    private static Checkpoint FromJson(JsonObject json, long step, string path)
    {
        var version = json[VersionField]?.GetValueKind() == JsonValueKind.Number ? json[VersionField]!.GetValue<int>() : CheckpointManifest.CurrentVersion;
        if (version > CheckpointManifest.CurrentVersion) throw new NewerFormatException(path, version);
        var checkpoint = new Checkpoint(step);
        foreach (var (name, value) in json.Where(p => p.Key != VersionField && p.Value is not null)) checkpoint.PutJson(name, value!.ToJsonString(Json.Line));
        return checkpoint;
    }

    private static CheckpointManifest ReadManifest(IStorageFolder root, string file)
    {
        // The version first: what a later one says besides may be of any form.
        var json = StoredFiles.ReadJson<JsonObject>(root, file);
        if (json[VersionField] is JsonValue value && value.TryGetValue(out int version) && version > CheckpointManifest.CurrentVersion)
            throw new NewerFormatException(root.Locate(file), version);
        try
        {
            return json.Deserialize<CheckpointManifest>(Json.File) ?? throw new InvalidFileException(root.Locate(file), "it holds null");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(root.Locate(file), $"it is not the JSON that was written ({error.Message})", error);
        }
    }
}
