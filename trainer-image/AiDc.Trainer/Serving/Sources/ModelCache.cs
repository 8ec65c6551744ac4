using System.Text.Json;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Sources;

/// <summary>
/// Copies of models in a folder that several processes share. An entry is a folder named by what it holds, <c>&lt;key&gt;</c>; while it is
/// fetched it is <c>&lt;key&gt;.partial</c>, which a later attempt goes on with, and the rename makes it whole. One process fetches, under
/// <c>&lt;key&gt;.lock</c>; who loads holds that lock together with others, so that nothing is removed under its feet.
/// </summary>
/// <param name="limit">In bytes: what was not used for the longest time is removed beyond it, but never what is being loaded.</param>
internal sealed class ModelCache(string root, long limit, TimeProvider time, Action<string> progress)
{
    private const string SumsName = "sums.json";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    /// <param name="key">Hex; another one for other content.</param>
    /// <param name="pinned">What has to be in it for a sum that is prescribed; null where none is.</param>
    /// <returns>Null where it is not here, or damaged, or still being fetched.</returns>
    public CacheEntry? TryUse(string key, PinnedFile? pinned, CancellationToken cancellation)
    {
        DurableFiles.CreateDirectory(root);
        if (CacheLock.TryShared(LockOf(key)) is not { } held) return null;
        if (IsWhole(key, pinned, cancellation))
        {
            // When it was used last is when its lock was touched last.
            Touch(key);
            return new(EntryOf(key), held);
        }

        held.Dispose();
        return null;
    }

    /// <param name="place">What is fetched, for a person.</param>
    /// <param name="resumable">Whether equal keys mean equal content; else what is here of it is not used.</param>
    /// <exception cref="TrainerException">It cannot be fetched or kept.</exception>
    public CacheEntry Get(string key, string place, bool resumable, PinnedFile? pinned, IReadOnlyList<WantedFile> files, CancellationToken cancellation)
    {
        DurableFiles.CreateDirectory(root);
        using var waiting = new SlowWork(time, progress, elapsed => $"{place}: waiting for another process that fetches or loads it, {elapsed.TotalSeconds:F0} s");
        for (var fresh = !resumable; ;)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!fresh && TryUse(key, pinned, cancellation) is { } entry) return entry;
            using (var alone = CacheLock.TryAlone(LockOf(key)))
            {
                if (alone is not null && (fresh || !IsWhole(key, pinned, cancellation)))
                {
                    waiting.Dispose();
                    Remove(EntryOf(key));
                    if (fresh) Remove(PartialOf(key));
                    Fetch(key, place, files, cancellation);
                    fresh = false;
                    continue;
                }
            }

            cancellation.WaitHandle.WaitOne(Poll);
        }
    }

    private string EntryOf(string key) => Path.Combine(root, key);

    private string PartialOf(string key) => Path.Combine(root, key + CacheRoom.Partial);

    private string LockOf(string key) => Path.Combine(root, key + CacheRoom.Lock);

    private void Fetch(string key, string place, IReadOnlyList<WantedFile> files, CancellationToken cancellation)
    {
        var bytes = files.Sum(f => f.Bytes ?? 0);
        var partial = PartialOf(key);
        DurableFiles.CreateDirectory(partial);
        new CacheRoom(root, limit).Make(key, bytes, place);
        long done = 0;
        using (new SlowWork(time, progress, elapsed => FetchProgress.Describe(place, Interlocked.Read(ref done), bytes, elapsed)))
        {
            var copy = new FileCopy(count => Interlocked.Add(ref done, count));
            var sums = new SortedDictionary<string, FileSum>(StringComparer.Ordinal);
            foreach (var file in files) sums.Add(file.Name, CopyOne(copy, file, Path.Combine(partial, file.Name), cancellation));
            DurableFiles.Replace(Path.Combine(partial, SumsName), SumsName + ".new", stream => JsonSerializer.Serialize(stream, sums, Json.File));
        }

        Publish(partial, EntryOf(key));
        new CacheRoom(root, limit).Make(key, 0, place);
    }

    /// <summary>
    /// What an earlier process left is gone on with only where a sum tells whether it is whole: after a power failure a file may have
    /// its length and not its content.
    /// </summary>
    private static FileSum CopyOne(FileCopy copy, WantedFile file, string path, CancellationToken cancellation)
    {
        if (file.Sha256 is null) DurableFiles.TryDelete(path);
        for (var resumed = File.Exists(path); ; resumed = false)
        {
            var copied = 0L;
            try
            {
                copied = copy.Run(file, path, cancellation);
                var sum = FileSums.Of(path, cancellation);
                FileSums.Compare(file.Place, sum.Sha256, file.Sha256);
                return sum;
            }
            catch (InvalidFileException)
            {
                DurableFiles.TryDelete(path);
                copy.Forget(copied);
                if (!resumed) throw;
            }
        }
    }

    private static void Publish(string partial, string entry)
    {
        try
        {
            DurableFiles.FlushDirectory(partial);
            Directory.Move(partial, entry);
            DurableFiles.FlushDirectory(Path.GetDirectoryName(entry)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(entry, error);
        }
    }

    /// <summary>Whether an entry is here, and still what was fetched: disks fail, and people tidy up.</summary>
    private bool IsWhole(string key, PinnedFile? pinned, CancellationToken cancellation)
    {
        var entry = EntryOf(key);
        if (!Directory.Exists(entry)) return false;
        using var slow = new SlowWork(time, progress, elapsed => $"{entry}: comparing its sum, {elapsed.TotalSeconds:F0} s");
        try
        {
            var sums = StoredFiles.ReadJson<Dictionary<string, FileSum>>(new LocalFolder(entry), SumsName);
            if (!HasOnly(entry, sums.Keys) || !sums.All(s => FileSums.Of(Path.Combine(entry, Path.GetFileName(s.Key)), cancellation) == s.Value))
                progress($"{entry}: it is damaged and will be fetched again");
            else if (pinned?.IsIn(sums) == false)
                progress($"{entry}: it is not what its name says, the file with the sum {pinned.Sha256}, and will be fetched again");
            else
                return true;
        }
        catch (TrainerException error)
        {
            progress($"{error.Message}; it will be fetched again");
        }

        return false;
    }

    /// <summary>What nobody fetched must not be taken for the model.</summary>
    private static bool HasOnly(string entry, IEnumerable<string> names) =>
        new DirectoryInfo(entry).EnumerateFileSystemInfos().Select(f => f.Name).Where(n => n != SumsName).ToHashSet().SetEquals(names);

    private void Touch(string key)
    {
        try
        {
            File.SetLastWriteTimeUtc(LockOf(key), time.GetUtcNow().UtcDateTime);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Only the order of removal depends on it.
        }
    }

    private static void Remove(string folder)
    {
        DurableFiles.TryDelete(folder);
        if (Directory.Exists(folder)) throw new StorageException(folder, "it cannot be removed. Give the cache's folder to the user that this process runs as");
    }
}

/// <summary>A folder of the cache that stays until this is disposed.</summary>
internal sealed record CacheEntry(string Folder, IDisposable Held) : IDisposable
{
    public void Dispose() => Held.Dispose();
}

/// <summary>A file of an entry whose sum is prescribed: the entry's own list of sums says only that it has not changed since it was written.</summary>
/// <param name="Sha256">In lower-case hex.</param>
internal sealed record PinnedFile(ModelFormat Format, string Sha256)
{
    public bool IsIn(IReadOnlyDictionary<string, FileSum> sums)
    {
        var models = sums.Where(s => ModelFiles.IsModel(Format, s.Key)).ToArray();
        return models.Length == 1 && models[0].Value.Sha256 == Sha256;
    }
}
