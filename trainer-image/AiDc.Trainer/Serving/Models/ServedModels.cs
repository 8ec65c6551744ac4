using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Models;

/// <summary>Fetches and loads models.</summary>
public static class ServedModels
{
    /// <param name="options">What the command line says.</param>
    /// <param name="folders">Where S3 comes from.</param>
    /// <param name="progress">Told what is done, where it takes longer than a person likes to wait.</param>
    /// <returns>The model, which has not run yet.</returns>
    /// <exception cref="TrainerException">It cannot be fetched or loaded; the message names the place and the mend.</exception>
    public static IServedModel Load(
        ServedModelOptions options, StorageFolders folders, TimeProvider time, Action<string> progress, CancellationToken cancellation) =>
        throw new ConfigurationException($"--format {options.Format}: no model of that format can be served yet");
}
