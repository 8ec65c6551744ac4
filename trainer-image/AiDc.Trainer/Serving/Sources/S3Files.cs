using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Sources;

/// <summary>Objects of S3-compatible storage. Reading repeats what breaks off by itself.</summary>
internal sealed class S3Files(StorageFolders folders, string place) : IRemoteFiles
{
    private readonly S3Uri _uri = S3Uri.Parse(place);
    private readonly Dictionary<RemoteFile, S3Bucket.Item> _items = [];
    private S3Bucket? _bucket;

    public string Place => _uri.ToString();

    private S3Bucket Bucket => _bucket ??= folders.Bucket(_uri);

    public RemoteFile FindModel(ModelFormat format, CancellationToken cancellation)
    {
        if (_uri.Prefix.Length > 0 && (format != ModelFormat.Aidc || ModelFiles.IsModel(format, NameOf(_uri.Prefix))) && Bucket.Find(_uri.Prefix, cancellation) is { } single)
            return Remember(single);
        var below = _uri.KeysBelow();
        var items = Bucket.List(below, cancellation).Where(i => !i.Key[below.Length..].Contains('/', StringComparison.Ordinal) && i.Key.Length > below.Length).ToList();
        var name = ModelFiles.Single(format, [.. items.Select(i => i.Key[below.Length..])], Place);
        return Remember(items.First(i => i.Key == below + name));
    }

    public RemoteFile FindBeside(RemoteFile model, string name, CancellationToken cancellation)
    {
        var key = _items[model].Key[..^model.Name.Length] + name;
        return Remember(Bucket.Find(key, cancellation) ?? throw new InvalidFileException(Bucket.Locate(key), "there is no such object, but the bundle's model.json names it"));
    }

    public Stream Open(RemoteFile file, long offset, CancellationToken cancellation) =>
        file.Bytes == offset ? Stream.Null : Bucket.Open(_items[file], offset, cancellation);

    public TrainerException Explain(RemoteFile file, Exception error) =>
        error as TrainerException ?? new StorageException(file.Place, $"it could not be read ({error.Message}). The next attempt may do better", error);

    private RemoteFile Remember(S3Bucket.Item item)
    {
        var file = new RemoteFile(NameOf(item.Key), Bucket.Locate(item.Key), item.Bytes, item.ETag);
        _items[file] = item;
        return file;
    }

    private static string NameOf(string key) => key[(key.LastIndexOf('/') + 1)..];
}
