using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Sources;

/// <summary>Keeps a cache below its size: what was not used for the longest time goes first, and nothing that a process fetches or loads.</summary>
internal sealed class CacheRoom(string root, long limit)
{
    public const string Partial = ".partial";
    public const string Lock = ".lock";
    private const string Trash = ".trash-";

    private sealed record Entry(string Folder, string Key, long Bytes, DateTime Used);

    /// <param name="keep">The key of what is being fetched.</param>
    /// <param name="incoming">Bytes that are about to come, with those of it that are here already.</param>
    /// <param name="place">What is fetched, for a person.</param>
    /// <exception cref="StorageException">There is no room for it.</exception>
    public void Make(string keep, long incoming, string place)
    {
        foreach (var left in Directory.EnumerateDirectories(root, Trash + "*")) DurableFiles.TryDelete(left);
        var entries = Directory.EnumerateDirectories(root).Select(Describe).ToList();
        var here = entries.Where(e => e.Key == keep).Sum(e => e.Bytes);
        var others = entries.Where(e => e.Key != keep).OrderBy(e => e.Used).ToList();
        var total = others.Sum(e => e.Bytes) + Math.Max(here, incoming);
        foreach (var entry in others)
        {
            if (total <= limit && Free() >= incoming - here) break;
            if (TryRemove(entry)) total -= entry.Bytes;
        }

        if (Free() < incoming - here)
        {
            throw new StorageException(
                root, $"{place} has {incoming >> 20} MiB, and {Free() >> 20} MiB are free here for the copy. Give the cache a larger volume, or the pod more ephemeral storage");
        }
    }

    private long Free() => new DriveInfo(Path.GetFullPath(root)).AvailableFreeSpace;

    private Entry Describe(string folder)
    {
        var name = Path.GetFileName(folder);
        var key = name.EndsWith(Partial, StringComparison.Ordinal) ? name[..^Partial.Length] : name;
        var held = new FileInfo(Path.Combine(root, key + Lock));
        return new(folder, key, SizeOf(folder), held.Exists ? held.LastWriteTimeUtc : default);
    }

    private static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length);
        }
        catch (IOException)
        {
            // Another process has just removed it.
            return 0;
        }
    }

    /// <summary>Renamed first: what is left of a folder by a process that dies must not look whole.</summary>
    private bool TryRemove(Entry entry)
    {
        using var alone = CacheLock.TryAlone(Path.Combine(root, entry.Key + Lock));
        if (alone is null) return false;
        try
        {
            var trash = Path.Combine(root, Trash + Path.GetFileName(entry.Folder));
            DurableFiles.TryDelete(trash);
            Directory.Move(entry.Folder, trash);
            DurableFiles.TryDelete(trash);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>
/// Locks between processes, by flock(2), which is what .NET's file sharing is on Linux: the kernel releases them with the process,
/// however that ends, and they hold across the containers of a node that mount the same folder.
/// </summary>
internal static class CacheLock
{
    private const int WouldBlock = 11;

    /// <returns>Null where others hold it.</returns>
    /// <exception cref="StorageException">The file cannot be opened.</exception>
    public static FileStream? TryAlone(string path) => Try(path, FileAccess.ReadWrite, FileShare.None);

    /// <returns>Null where somebody holds it alone.</returns>
    /// <exception cref="StorageException">The file cannot be opened.</exception>
    public static FileStream? TryShared(string path) => Try(path, FileAccess.Read, FileShare.Read);

    private static FileStream? Try(string path, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, access, share, bufferSize: 0);
        }
        catch (IOException error) when ((error.HResult & 0xffff) == WouldBlock)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(path, error);
        }
    }
}
