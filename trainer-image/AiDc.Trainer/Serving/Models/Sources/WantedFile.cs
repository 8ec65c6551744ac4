namespace AiDc.Trainer.Serving.Models.Sources;

/// <summary>A file to be copied.</summary>
/// <param name="Name">Of the copy, without a folder.</param>
/// <param name="Place">Where it is, for a person.</param>
/// <param name="Bytes">Null when unknown; then an interrupted copy begins anew.</param>
/// <param name="Sha256">What it must be, in lower-case hex; null when unknown.</param>
/// <param name="Open">At an offset in bytes; what it reads may break off with an <see cref="IOException"/>.</param>
/// <param name="Explain">What to tell a person when all attempts failed.</param>
internal sealed record WantedFile(
    string Name, string Place, long? Bytes, string? Sha256, Func<long, CancellationToken, Stream> Open, Func<Exception, TrainerException> Explain)
{
    public static WantedFile Of(RemoteFile file, IRemoteFiles files, string? sha256) =>
        new(file.Name, file.Place, file.Bytes, sha256, (offset, cancellation) => files.Open(file, offset, cancellation), error => files.Explain(file, error));

    /// <summary>What is in memory already.</summary>
    public static WantedFile Of(string name, string place, byte[] content, string sha256) => new(
        name, place, content.Length, sha256, (offset, _) => new MemoryStream(content, (int)offset, content.Length - (int)offset, writable: false),
        error => new StorageException(place, error.Message, error));
}
