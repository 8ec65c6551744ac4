using System.Text.Json;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Tensors;
using AiDc.Trainer.Training;

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
            Checked(State, (stream, file) => StoredFiles.ParseJson<TrainingState>(stream, file)),
            Tensors(Model),
            Tensors(Optimizer),
            manifest.Files.ContainsKey(Best) ? Tensors(Best) : null);

        List<HostTensor> Tensors(string file) => Checked(file, (stream, path) => SafetensorsReader.Read(stream, path).Values.ToList());

        T Checked<T>(string file, Func<Stream, string, T> read) => manifest.Files.TryGetValue(file, out var entry)
            ? StoredFiles.ReadChecked(root, $"{name}/{file}", new(entry.Bytes, entry.Sha256), read)
            : throw new InvalidFileException(root.Locate($"{name}/{CheckpointManifest.FileName}"), $"it does not name {file}");
    }

    private static CheckpointManifest ReadManifest(IStorageFolder root, string file)
    {
        var manifest = StoredFiles.ReadJson<CheckpointManifest>(root, file);
        return manifest.FormatVersion == 1
            ? manifest
            : throw new InvalidFileException(root.Locate(file), $"format version {manifest.FormatVersion} is newer than this trainer");
    }
}
