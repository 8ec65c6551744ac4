using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Data;

/// <summary>Training data as a path of this machine: itself where it is one, else a copy that is removed when this is disposed.</summary>
public sealed class DataDownload : IDisposable
{
    private const int FilesAtOnce = 4;

    private readonly string _place;
    private readonly string? _scratch;

    private DataDownload(string place, string path, string? scratch) => (_place, Path, _scratch) = (place, path, scratch);

    public string Path { get; }

    /// <param name="place">A path, which is taken as it is, or an S3 URI of an object or of a prefix with all below it.</param>
    /// <param name="scratch">A folder that does not exist yet, for the copy.</param>
    /// <exception cref="DataException">There are no data, or they do not fit.</exception>
    /// <exception cref="StorageException">They could not be fetched.</exception>
    public static DataDownload Fetch(
        string place, StorageFolders folders, string scratch, IProgress<ReadProgress>? progress, CancellationToken cancellation)
    {
        if (!S3Uri.Is(place)) return new(place, place, null);
        var uri = S3Uri.Parse(place);
        var bucket = folders.Bucket(uri);
        var (files, isObject) = Find(bucket, uri, place, cancellation);
        try
        {
            Directory.CreateDirectory(scratch);
            CheckSpace(place, scratch, files.Sum(f => f.Item.Bytes));
            Copy(bucket, scratch, files, progress, cancellation);
            return new(place, isObject ? System.IO.Path.Combine(scratch, files[0].Name) : scratch, scratch);
        }
        catch (Exception error)
        {
            DurableFiles.TryDelete(scratch);
            if (error is IOException or UnauthorizedAccessException) throw StorageErrors.Translate(scratch, error);
            throw;
        }
    }

    /// <summary>The same error with the name that the user gave the data, not that of the copy.</summary>
    public DataException Rename(DataException error) => _scratch is null || !error.File.StartsWith(Path, StringComparison.Ordinal)
        ? error
        : new(_place + error.File[Path.Length..], error.Problem, error.Fix, error);

    public void Dispose()
    {
        if (_scratch is not null) DurableFiles.TryDelete(_scratch);
    }

    private static (IReadOnlyList<(string Name, S3Bucket.Item Item)> Files, bool IsObject) Find(
        S3Bucket bucket, S3Uri uri, string place, CancellationToken cancellation)
    {
        var below = uri.KeysBelow();
        var files = bucket.List(below, cancellation)
            .Where(i => !i.Key.EndsWith('/')) // What consoles make for folders.
            .Select(i => (Name: i.Key[below.Length..], Item: i))
            .ToList();
        foreach (var (name, item) in files)
        {
            if (name.Split('/').Any(part => part is "" or "." or "..") || name.Contains('\0', StringComparison.Ordinal))
                throw new DataException(bucket.Locate(item.Key), "its key cannot be a path", "Rename the object: no empty part, no '.' and no '..' between slashes");
        }

        if (files.Count > 0) return (files, false);
        return uri.Prefix.Length > 0 && bucket.Find(uri.Prefix, cancellation) is { } single
            ? ([(uri.Prefix[(uri.Prefix.LastIndexOf('/') + 1)..], single)], true)
            : throw new DataException(place, "there is no object below it and none of that name", "Name the prefix that the data lie below");
    }

    private static void CheckSpace(string place, string scratch, long bytes)
    {
        var free = new DriveInfo(System.IO.Path.GetFullPath(scratch)).AvailableFreeSpace;
        if (bytes > free)
        {
            throw new StorageException(
                scratch, $"{place} has {bytes >> 20} MiB, and {free >> 20} MiB are free here for the copy. Give the pod more ephemeral storage, or set TMPDIR to a larger volume");
        }
    }

    private static void Copy(
        S3Bucket bucket, string scratch, IReadOnlyList<(string Name, S3Bucket.Item Item)> files, IProgress<ReadProgress>? progress, CancellationToken cancellation)
    {
        var total = files.Sum(f => f.Item.Bytes);
        var done = 0L;
        var options = new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellation };
        try
        {
            Parallel.ForEach(files, options, file => CopyOne(
                bucket, file.Item, System.IO.Path.Combine(scratch, file.Name),
                bytes => progress?.Report(new("downloading", Interlocked.Add(ref done, bytes), total)), cancellation));
        }
        catch (AggregateException error)
        {
            // One is enough: the others are of the same cause, or follow from it.
            throw error.InnerExceptions.OfType<TrainerException>().FirstOrDefault() ?? error.InnerExceptions[0];
        }
    }

    private static void CopyOne(S3Bucket bucket, S3Bucket.Item item, string path, Action<int> copied, CancellationToken cancellation)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        if (item.Bytes == 0) return;
        using var source = bucket.Open(item, cancellation);
        var buffer = new byte[1 << 17];
        for (int read; (read = source.Read(buffer, 0, buffer.Length)) > 0; copied(read))
        {
            cancellation.ThrowIfCancellationRequested();
            target.Write(buffer, 0, read);
        }

        if (target.Length != item.Bytes)
            throw new StorageException(bucket.Locate(item.Key), $"{target.Length} of {item.Bytes} bytes arrived. The next attempt may do better");
    }
}
