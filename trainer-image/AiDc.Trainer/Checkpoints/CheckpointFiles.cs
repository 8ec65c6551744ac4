using System.Security.Cryptography;
using System.Text.Json;

namespace AiDc.Trainer.Checkpoints;

/// <summary>The files of one checkpoint's folder.</summary>
internal static class CheckpointFiles
{
    private const string Model = "model.safetensors";
    private const string Optimizer = "optimizer.safetensors";
    private const string Best = "best.safetensors";
    private const string State = "state.json";

    /// <summary>Writes into an empty folder; the manifest comes last and by a rename, so that it is whole or not there.</summary>
    /// <returns>The size of all files.</returns>
    public static long Write(string folder, CheckpointName name, Checkpoint checkpoint, DateTimeOffset now)
    {
        var files = new SortedDictionary<string, CheckpointManifest.Entry>(StringComparer.Ordinal);
        Add(Model, stream => SafetensorsWriter.Write(stream, checkpoint.Model));
        Add(Optimizer, stream => SafetensorsWriter.Write(stream, checkpoint.Optimizer));
        if (checkpoint.Best is { } best) Add(Best, stream => SafetensorsWriter.Write(stream, best));
        Add(State, stream => JsonSerializer.Serialize(stream, checkpoint.State, Json.File));
        DurableFiles.FlushDirectory(folder);
        var manifest = new CheckpointManifest(1, name.Generation, name.Step, now, files);
        DurableFiles.Replace(
            Path.Combine(folder, CheckpointManifest.FileName),
            CheckpointManifest.FileName + ".partial",
            stream => JsonSerializer.Serialize(stream, manifest, Json.File));
        return files.Values.Sum(f => f.Bytes);

        void Add(string file, Action<Stream> write)
        {
            var (bytes, sha256) = DurableFiles.Write(Path.Combine(folder, file), write);
            files.Add(file, new(bytes, sha256));
        }
    }

    public static bool HasManifest(string folder) => File.Exists(Path.Combine(folder, CheckpointManifest.FileName));

    /// <exception cref="InvalidFileException">A file is missing, truncated, altered or of another format.</exception>
    public static Checkpoint Read(string folder)
    {
        var manifest = ReadJson<CheckpointManifest>(Path.Combine(folder, CheckpointManifest.FileName));
        if (manifest.FormatVersion != 1)
            throw new InvalidFileException(Path.Combine(folder, CheckpointManifest.FileName), $"format version {manifest.FormatVersion} is newer than this trainer");
        foreach (var (file, entry) in manifest.Files) Verify(Path.Combine(folder, file), entry);
        return new Checkpoint(
            ReadJson<TrainingState>(Path.Combine(folder, State)),
            Tensors(Model),
            Tensors(Optimizer),
            manifest.Files.ContainsKey(Best) ? Tensors(Best) : null);

        List<HostTensor> Tensors(string file) => [.. SafetensorsReader.Read(Path.Combine(folder, file)).Values];
    }

    /// <exception cref="InvalidFileException">The file is missing or does not have that size and sum.</exception>
    public static void Verify(string file, CheckpointManifest.Entry entry)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length != entry.Bytes) throw new InvalidFileException(file, $"it has {stream.Length} bytes where {entry.Bytes} were written");
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != entry.Sha256)
                throw new InvalidFileException(file, "its SHA-256 is not that of the manifest");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidFileException(file, $"it cannot be read ({error.Message})", error);
        }
    }

    /// <exception cref="InvalidFileException">The file is missing, unreadable, or not that JSON.</exception>
    public static T ReadJson<T>(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            return JsonSerializer.Deserialize<T>(stream, Json.File) ?? throw new InvalidFileException(file, "it holds null");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidFileException(file, $"it cannot be read ({error.Message})", error);
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(file, $"it is not the JSON that was written ({error.Message})", error);
        }
    }
}
