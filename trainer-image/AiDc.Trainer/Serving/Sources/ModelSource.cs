using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiDc.Trainer.Models;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Sources;

/// <summary>Brings a model to this machine: from a path as it is, from elsewhere as a copy in the cache.</summary>
internal sealed class ModelSource(ServedModelOptions options, StorageFolders folders, TimeProvider time, Action<string> progress)
{
    /// <summary>A model.json is far smaller; a limit on what a wrong address makes us read.</summary>
    private const int MostManifestBytes = 16 << 20;

    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(60);

    /// <returns>The bundle's folder, or the model's file.</returns>
    /// <exception cref="TrainerException">There is none, it is not what it should be, or cannot be fetched.</exception>
    public FetchedModel Fetch(CancellationToken cancellation)
    {
        if (options.Sha256 is { } sum && (sum.Length != 64 || !sum.All(char.IsAsciiHexDigit)))
            throw new ConfigurationException($"--sha256 {sum}: this is no SHA-256 sum; write its 64 hexadecimal digits");
        if (S3Uri.Is(options.Source)) return Remote(new S3Files(folders, options.Source), cancellation);
        if (!HttpFiles.Is(options.Source)) return Local(cancellation);
        using var files = new HttpFiles(options.Source, Stalled);
        return Remote(files, cancellation);
    }

    private FetchedModel Local(CancellationToken cancellation)
    {
        var (path, format) = (options.Source, options.Format);
        if (Directory.Exists(path)) path = Path.Combine(path, ModelFiles.Single(format, ListFiles(path), path));
        else if (!File.Exists(path)) throw new ConfigurationException($"--model {path}: there is no such file or folder");
        if (options.Sha256 is { } expected)
        {
            using var slow = new SlowWork(time, progress, elapsed => $"{path}: comparing its sum, {elapsed.TotalSeconds:F0} s");
            FileSums.Compare(path, FileSums.Of(path, cancellation).Sha256, expected);
        }

        return new(format == ModelFormat.Aidc ? Path.GetDirectoryName(Path.GetFullPath(path))! : path, path, null);
    }

    private static string[] ListFiles(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(folder, error);
        }
    }

    private FetchedModel Remote(IRemoteFiles files, CancellationToken cancellation)
    {
        var temporary = options.Cache is null ? Directory.CreateTempSubdirectory("aidc-model-") : null;
        try
        {
            var cache = new ModelCache(options.Cache ?? temporary!.FullName, options.CacheBytes, time, progress);
            var entry = Known(cache, cancellation) ?? (options.Format == ModelFormat.Aidc ? Bundle(cache, files, cancellation) : Single(cache, files, cancellation));
            var path = options.Format == ModelFormat.Aidc
                ? entry.Folder
                : Path.Combine(entry.Folder, ModelFiles.Single(options.Format, ListFiles(entry.Folder), entry.Folder));
            return new(path, files.Place, () =>
            {
                entry.Dispose();
                Delete(temporary);
            });
        }
        catch
        {
            Delete(temporary);
            throw;
        }
    }

    /// <summary>With its sum known a copy that is here needs no server.</summary>
    private CacheEntry? Known(ModelCache cache, CancellationToken cancellation) =>
        options.Sha256 is { } sum ? cache.TryUse(Key(sum.ToLowerInvariant()), Pin(sum), cancellation) : null;

    private CacheEntry Single(ModelCache cache, IRemoteFiles files, CancellationToken cancellation)
    {
        var file = files.FindModel(options.Format, cancellation);
        var wanted = WantedFile.Of(file, files, options.Sha256) with { Name = Named(file.Name) };
        var key = options.Sha256?.ToLowerInvariant() ?? Hash($"{file.Place}\n{file.Version}\n{file.Bytes}");
        return cache.Get(Key(key), file.Place, options.Sha256 is not null || file.Version is not null, options.Sha256 is { } sum ? Pin(sum) : null, [wanted], cancellation);
    }

    /// <summary>The weights' sum is in model.json, so that the sum of model.json speaks for all.</summary>
    private CacheEntry Bundle(ModelCache cache, IRemoteFiles files, CancellationToken cancellation)
    {
        var file = files.FindModel(ModelFormat.Aidc, cancellation);
        var json = ReadSmall(files, file, cancellation);
        var sum = Convert.ToHexStringLower(SHA256.HashData(json));
        FileSums.Compare(file.Place, sum, options.Sha256);
        var weights = ParseManifest(json, file.Place).Weights;
        if (Path.GetFileName(weights.File) != weights.File) throw new InvalidFileException(file.Place, "weights.file must be a file in the same folder");
        var manifest = WantedFile.Of(ModelManifest.FileName, file.Place, json, sum);
        if (cache.TryUse(Key(sum), Pin(sum), cancellation) is { } here) return here;
        var wanted = WantedFile.Of(files.FindBeside(file, weights.File, cancellation), files, weights.Sha256) with { Name = weights.File };
        return cache.Get(Key(sum), wanted.Place, resumable: true, Pin(sum), [manifest, wanted], cancellation);
    }

    private static ModelManifest ParseManifest(byte[] json, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<ModelManifest>(json, Json.File) ?? throw new InvalidFileException(place, "it holds null");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(place, $"it is not the JSON of a bundle ({error.Message}). Name the folder or the URL below which model.json lies", error);
        }
    }

    private static byte[] ReadSmall(IRemoteFiles files, RemoteFile file, CancellationToken cancellation) => Attempts.Repeat(
        () =>
        {
            using var content = new MemoryStream();
            using var source = files.Open(file, 0, cancellation);
            var buffer = new byte[1 << 16];
            for (int read; (read = source.Read(buffer, 0, buffer.Length)) > 0;)
            {
                content.Write(buffer, 0, read);
                if (content.Length > MostManifestBytes) throw new InvalidFileException(file.Place, $"it has more than {MostManifestBytes >> 20} MiB, so it is no model.json");
            }

            return content.ToArray();
        },
        error => files.Explain(file, error), cancellation);

    /// <summary>What the server calls it decides nothing but the ending, which loaders look at.</summary>
    private string Named(string name) => "model" + ModelFiles.Endings(options.Format).FirstOrDefault(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase), ModelFiles.Endings(options.Format)[0]);

    private PinnedFile Pin(string sha256) => new(options.Format, sha256.ToLowerInvariant());

    /// <summary>A file that is named by two formats is two entries.</summary>
    private string Key(string hash) => $"{options.Format.ToString().ToLowerInvariant()}-{hash}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static void Delete(DirectoryInfo? folder)
    {
        if (folder is not null) DurableFiles.TryDelete(folder.FullName);
    }
}

/// <summary>A model on this machine; what was copied for it may go once this is disposed.</summary>
/// <param name="Path">The bundle's folder, or the model's file.</param>
/// <param name="Place">Where it came from, for messages: without credentials.</param>
/// <param name="Release">Null where nothing is to be released.</param>
internal sealed record FetchedModel(string Path, string Place, Action? Release) : IDisposable
{
    public void Dispose() => Release?.Invoke();
}
