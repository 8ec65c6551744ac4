namespace AiDc.Trainer.Serving.Models.Sources;

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
