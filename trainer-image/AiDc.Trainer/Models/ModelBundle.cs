using System.Text.Json;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Tensors;

namespace AiDc.Trainer.Models;

/// <summary>A trained model: a folder with model.json and model.safetensors.</summary>
public sealed record ModelBundle(ModelManifest Manifest, IReadOnlyList<HostTensor> Weights)
{
    private const string WeightsName = "model.safetensors";

    /// <summary>Writes the bundle into a folder of any storage, or replaces it; a reader finds the old one or the new one, whole.</summary>
    /// <inheritdoc cref="Write(string, string, IReadOnlyList{HostTensor}, Func{ModelManifest.WeightsFile, ModelManifest})"/>
    public static void Write(IStorageFolder folder, string uid, IReadOnlyList<HostTensor> weights, Func<ModelManifest.WeightsFile, ModelManifest> manifest)
    {
        if (folder is LocalFolder) Write(folder.Locate(""), uid, weights, manifest);
        else RemoteBundle.Write(folder, uid, weights, manifest);
    }

    /// <summary>Writes the folder or replaces it; a reader finds the old one or the new one, whole.</summary>
    /// <param name="uid">A name that no other writer has.</param>
    /// <param name="manifest">Everything but the description of the weights' file, which comes from writing it.</param>
    /// <exception cref="StorageException">It could not be written; what was there before still is.</exception>
    public static void Write(string folder, string uid, IReadOnlyList<HostTensor> weights, Func<ModelManifest.WeightsFile, ModelManifest> manifest)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Path.GetDirectoryName(target) ?? throw new ConfigurationException($"--output {folder}: the result needs a folder of its own below this one");
        var prefix = $".{Path.GetFileName(target)}.partial-";
        DurableFiles.CreateDirectory(parent);
        // Of a process that was killed while it wrote.
        foreach (var left in Directory.EnumerateDirectories(parent, prefix + "*")) DurableFiles.TryDelete(left);
        var partial = Path.Combine(parent, prefix + uid);
        try
        {
            DurableFiles.CreateDirectory(partial);
            var metadata = new Dictionary<string, string> { ["format"] = "pt" };
            var (bytes, sha256) = DurableFiles.Write(Path.Combine(partial, WeightsName), stream => SafetensorsWriter.Write(stream, weights, metadata));
            var json = manifest(new(WeightsName, bytes, sha256));
            DurableFiles.Write(Path.Combine(partial, ModelManifest.FileName), stream => JsonSerializer.Serialize(stream, json, Json.File));
            DurableFiles.FlushDirectory(partial);
            DurableFiles.ReplaceDirectory(partial, target, Path.Combine(parent, $"{prefix}{uid}-old"));
        }
        finally
        {
            DurableFiles.TryDelete(partial);
        }
    }

    /// <inheritdoc cref="TryReadManifest(IStorageFolder)"/>
    public static ModelManifest? TryReadManifest(string folder) => TryReadManifest(new LocalFolder(folder));

    /// <returns>Null when there is no bundle, or none that is whole.</returns>
    /// <exception cref="NewerFormatException">It was written by a newer program.</exception>
    /// <exception cref="StorageException">It cannot be read now.</exception>
    public static ModelManifest? TryReadManifest(IStorageFolder folder)
    {
        try
        {
            var manifest = ReadManifest(folder);
            using var weights = folder.OpenRead(manifest.Weights.File);
            return weights.Length == manifest.Weights.Bytes ? manifest : null;
        }
        catch (InvalidFileException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Read(IStorageFolder)"/>
    public static ModelBundle Read(string folder) => Read(new LocalFolder(folder));

    /// <exception cref="InvalidFileException">The bundle is missing, damaged or of another format.</exception>
    public static ModelBundle Read(IStorageFolder folder)
    {
        var manifest = ReadManifest(folder);
        var (file, bytes, sha256) = manifest.Weights;
        return new(manifest, StoredFiles.ReadChecked(
            folder, file, new(bytes, sha256), (stream, path) => SafetensorsReader.Read(stream, path).Values.ToList()));
    }

    private static ModelManifest ReadManifest(IStorageFolder folder)
    {
        var file = folder.Locate(ModelManifest.FileName);
        if (!folder.Exists(ModelManifest.FileName)) throw new InvalidFileException(file, "there is no such file: name the folder of a bundle, which holds model.json and model.safetensors");
        var manifest = StoredFiles.ReadJson<ModelManifest>(folder, ModelManifest.FileName);
        if (manifest.FormatVersion > ModelManifest.CurrentVersion) throw new NewerFormatException(file, manifest.FormatVersion);
        if (manifest.Classes.Count != manifest.Architecture.Classes) throw new InvalidFileException(file, "the number of classes differs from the architecture's");
        if (manifest.Normalization.Mean.Length != manifest.Architecture.Channels || manifest.Normalization.Std.Length != manifest.Architecture.Channels)
            throw new InvalidFileException(file, "the normalization does not fit the number of channels");
        return Path.GetFileName(manifest.Weights.File) == manifest.Weights.File
            ? manifest
            : throw new InvalidFileException(file, "weights.file must be a file in the same folder");
    }
}
