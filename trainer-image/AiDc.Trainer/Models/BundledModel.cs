using AiDc.Trainer.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace AiDc.Trainer.Models;

/// <summary>Makes a network of a bundle, ready for evaluation.</summary>
public static class BundledModel
{
    /// <param name="folder">Where the bundle came from, for messages.</param>
    /// <exception cref="InvalidFileException">The weights do not fit the architecture.</exception>
    public static ImageClassifier Load(ModelBundle bundle, string folder, Device device)
    {
        if (ModelCatalog.Problem(bundle.Manifest.Architecture) is { } problem) throw new InvalidFileException(folder, problem);
        var model = ModelCatalog.Create(bundle.Manifest.Architecture);
        try
        {
            NamedTensors.Load(model.state_dict(), bundle.Weights, folder);
            model.to(device);
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
