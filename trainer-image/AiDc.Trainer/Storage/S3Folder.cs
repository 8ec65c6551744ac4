using System.Globalization;

namespace AiDc.Trainer.Storage;

/// <summary>
/// A prefix in S3-compatible storage. An object appears whole or not at all and is then there for all to read
/// (https://aws.amazon.com/s3/consistency/), so that no renames and no flushes are needed.
/// </summary>
internal sealed class S3Folder(S3Bucket bucket, S3Uri root, Func<int, int> sizeOfPart) : IStorageFolder
{
    public string Locate(string name) => bucket.Locate(root.Key(name));

    /// <summary>With those in which only an upload was begun, by a process that died: they are to be removed too.</summary>
    public IReadOnlyList<string> Folders()
    {
        var below = root.KeysBelow();
        var unfinished = Unfinished(below).Select(u => u.Key[below.Length..]).Where(k => k.Contains('/', StringComparison.Ordinal)).Select(k => k[..k.IndexOf('/', StringComparison.Ordinal)]);
        return [.. bucket.ListFolders(below).Union(unfinished, StringComparer.Ordinal)];
    }

    public bool Exists(string file) => bucket.Find(root.Key(file)) is not null;

    public FileSum Write(string file, Action<Stream> write)
    {
        using var upload = new S3UploadStream(bucket, root.Key(file), sizeOfPart);
        write(upload);
        return upload.Complete();
    }

    public FileSum Publish(string file, Action<Stream> write) => Write(file, write);

    public Stream OpenRead(string file) => bucket.OpenRead(root.Key(file));

    public void TryDeleteFolder(string folder, string first)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Try(() =>
        {
            bucket.Delete(root.Key($"{folder}/{first}"));
            foreach (var item in bucket.List(root.KeysBelow(folder))) bucket.Delete(item.Key);
            foreach (var (key, upload) in Unfinished(root.KeysBelow(folder))) bucket.AbortUpload(key, upload);
        });
    }

    public void TryDeleteFile(string file) => Try(() => bucket.Delete(root.Key(file)));

    public void Probe(string uid)
    {
        var key = root.Key(string.Create(CultureInfo.InvariantCulture, $".probe-{uid}"));
        bucket.Put(key, "probe"u8.ToArray(), 5);
        bucket.Delete(key);
        bucket.Proven();
    }

    /// <summary>Not all servers tell, and not all keys may ask: what is left then costs space, nothing else.</summary>
    private IReadOnlyList<(string Key, string Upload)> Unfinished(string keysBelow)
    {
        try
        {
            return bucket.ListUploads(keysBelow);
        }
        catch (TrainerException)
        {
            return [];
        }
    }

    private static void Try(Action delete)
    {
        try
        {
            delete();
        }
        catch (TrainerException)
        {
            // Nothing depends on it; the next occasion finds what is left.
        }
    }
}
