using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Sources;

/// <summary>Files that come over the network.</summary>
internal interface IRemoteFiles
{
    /// <summary>Where they are, for a person: without credentials.</summary>
    string Place { get; }

    /// <summary>The place itself, if it is a file, or files below it that a model of that format is made of.</summary>
    /// <exception cref="TrainerException">There is none, there are several, or the server does not answer.</exception>
    RemoteFile FindModel(ModelFormat format, CancellationToken cancellation);

    /// <summary>A file beside the model.</summary>
    /// <exception cref="TrainerException">There is none, or the server does not answer.</exception>
    RemoteFile FindBeside(RemoteFile model, string name, CancellationToken cancellation);

    /// <summary>Opens a file at an offset in bytes; what it reads may break off.</summary>
    /// <exception cref="TrainerException">Another attempt would fail too.</exception>
    /// <exception cref="IOException">Another attempt may do better. So for <see cref="HttpRequestException"/>.</exception>
    Stream Open(RemoteFile file, long offset, CancellationToken cancellation);

    /// <summary>What to tell a person of an error of <see cref="Open"/>, or of the reading, when all attempts failed.</summary>
    TrainerException Explain(RemoteFile file, Exception error);
}

/// <summary>A file that a server has.</summary>
/// <param name="Name">Relative to the place that it was asked of; what a copy is called.</param>
/// <param name="Place">Where it is, for a person: without credentials.</param>
/// <param name="Bytes">Null when the server does not say.</param>
/// <param name="Version">Differs when the content does; null when the server does not say.</param>
internal sealed record RemoteFile(string Name, string Place, long? Bytes, string? Version);

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
