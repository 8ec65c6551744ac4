using System.Text.Json;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Checkpoints;

/// <summary>The files of one checkpoint's folder.</summary>
internal static class CheckpointFiles
{
    private const string Model = "model.safetensors";
    private const string Optimizer = "optimizer.safetensors";
    private const string Best = "best.safetensors";
    private const string State = "state.json";

    /// <summary>Writes a new folder; the manifest comes last and at once, so that it is whole or not there.</summary>
    /// <returns>The size of all files.</returns>
    public static long Write(IStorageFolder root, CheckpointName name, Checkpoint checkpoint, DateTimeOffset now)
    {
        var files = new SortedDictionary<string, CheckpointManifest.Entry>(StringComparer.Ordinal);
        Add(Model, stream => SafetensorsWriter.Write(stream, checkpoint.Model));
        Add(Optimizer, stream => SafetensorsWriter.Write(stream, checkpoint.Optimizer));
        if (checkpoint.Best is { } best) Add(Best, stream => SafetensorsWriter.Write(stream, best));
        Add(State, stream => JsonSerializer.Serialize(stream, checkpoint.State, Json.File));
        var manifest = new CheckpointManifest(1, name.Generation, name.Step, now, files);
        root.Publish($"{name}/{CheckpointManifest.FileName}", stream => JsonSerializer.Serialize(stream, manifest, Json.File));
        return files.Values.Sum(f => f.Bytes);

        void Add(string file, Action<Stream> write)
        {
            var (bytes, sha256) = root.Write($"{name}/{file}", write);
            files.Add(file, new(bytes, sha256));
        }
    }

    public static bool HasManifest(IStorageFolder root, CheckpointName name) => root.Exists($"{name}/{CheckpointManifest.FileName}");

    /// <exception cref="InvalidFileException">A file is missing, truncated, altered or of another format.</exception>
    public static Checkpoint Read(IStorageFolder root, CheckpointName name)
    {
        var manifest = ReadManifest(root, $"{name}/{CheckpointManifest.FileName}");
        return new Checkpoint(
            Checked(State, (stream, file) => ParseJson<TrainingState>(stream, file)),
            Tensors(Model),
            Tensors(Optimizer),
            manifest.Files.ContainsKey(Best) ? Tensors(Best) : null);

        List<HostTensor> Tensors(string file) => Checked(file, (stream, path) => SafetensorsReader.Read(stream, path).Values.ToList());

        T Checked<T>(string file, Func<Stream, string, T> read) => manifest.Files.TryGetValue(file, out var entry)
            ? ReadChecked(root, $"{name}/{file}", new(entry.Bytes, entry.Sha256), read)
            : throw new InvalidFileException(root.Locate($"{name}/{CheckpointManifest.FileName}"), $"it does not name {file}");
    }

    /// <summary>Reads a file in one go and returns what it holds only if it is what was written.</summary>
    /// <exception cref="InvalidFileException">It is missing, or not of that size and sum, or not of that format.</exception>
    public static T ReadChecked<T>(IStorageFolder root, string file, FileSum expected, Func<Stream, string, T> read)
    {
        var path = root.Locate(file);
        using var stream = new VerifyingStream(path, root.OpenRead(file), expected).CheckLength();
        var value = read(stream, path);
        stream.CheckContent();
        return value;
    }

    /// <exception cref="InvalidFileException">The file is missing, unreadable, or not that JSON.</exception>
    public static T ReadJson<T>(IStorageFolder root, string file)
    {
        try
        {
            using var stream = root.OpenRead(file);
            return ParseJson<T>(stream, root.Locate(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidFileException(root.Locate(file), $"it cannot be read ({error.Message})", error);
        }
    }

    private static CheckpointManifest ReadManifest(IStorageFolder root, string file)
    {
        var manifest = ReadJson<CheckpointManifest>(root, file);
        return manifest.FormatVersion == 1
            ? manifest
            : throw new InvalidFileException(root.Locate(file), $"format version {manifest.FormatVersion} is newer than this trainer");
    }

    private static T ParseJson<T>(Stream stream, string file)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(stream, Json.File) ?? throw new InvalidFileException(file, "it holds null");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(file, $"it is not the JSON that was written ({error.Message})", error);
        }
    }
}
