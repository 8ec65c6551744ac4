using AiDc.Trainer.Hosting;
using AiDc.Trainer.Models;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Sources;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving;

/// <summary>
/// Fetches and loads models. Where they come from: a path; <c>s3://bucket/key</c>; <c>http(s)://</c>. For a bundle that is the folder, the
/// prefix or the URL below which model.json lies; for other formats the file, or a folder or prefix with one such file.
/// </summary>
public static class ServedModels
{
    /// <param name="options">What the command line says.</param>
    /// <param name="folders">Where S3 comes from.</param>
    /// <param name="progress">Told what is done, where it takes longer than a person likes to wait; from any thread.</param>
    /// <returns>The model, which has computed a few made-up samples.</returns>
    /// <exception cref="TrainerException">It cannot be fetched or loaded; the message names the place and what to do about it.</exception>
    public static IServedModel Load(
        ServedModelOptions options, StorageFolders folders, TimeProvider time, Action<string> progress, CancellationToken cancellation)
    {
        if (options.Format != ModelFormat.TorchScript && options.Inputs.Count > 0)
            throw new ConfigurationException($"--input is for --format torchscript; {options.Format.ToString().ToLowerInvariant()} says itself what it takes");
        using var fetched = new ModelSource(options, folders, time, progress).Fetch(cancellation);
        using var slow = new SlowWork(time, progress, elapsed => $"{fetched.Place}: loading, {elapsed.TotalSeconds:F0} s");
        var device = TorchRuntime.BestDevice();
        return options.Format switch
        {
            ModelFormat.Aidc => BundledClassifier.Load(options.Name, ModelBundle.Read(fetched.Path), fetched.Place, device),
            ModelFormat.TorchScript => ScriptedModel.Load(options.Name, fetched.Path, fetched.Place, options.Inputs, device),
            ModelFormat.Onnx => OnnxModel.Load(options.Name, fetched.Path, fetched.Place, options.Threads),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Format, "unknown format"),
        };
    }
}
