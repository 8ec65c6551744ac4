using AiDc.Trainer.Data;
using AiDc.Trainer.Models;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Tensors;
using TorchSharp;

namespace AiDc.Trainer.Tests.Serving.Models;

/// <summary>Writes bundles of networks that were not trained.</summary>
internal static class TestBundle
{
    public static readonly string[] Classes = ["cat", "dog", "emu"];

    /// <param name="uid">Another one for other weights.</param>
    public static ModelManifest Write(string folder, int channels = 1, int side = 12, Normalization? normalization = null, string uid = "1", string network = "cnn", bool batchNorm = true)
    {
        torch.random.manual_seed(uid[0]);
        var spec = new ModelSpec(network, batchNorm, Dropout: 0.5, channels, side, side, Classes.Length);
        using var made = ModelCatalog.Create(spec);
        if (batchNorm) Settle(made, spec);
        ModelManifest? written = null;
        ModelBundle.Write(folder, uid, NamedTensors.Copy(made.state_dict()), weights => written = new(
            ModelManifest.ImageClassification, spec, Classes, normalization ?? new([.. Enumerable.Repeat(0.5f, channels)], [.. Enumerable.Repeat(0.25f, channels)]),
            weights, "run-" + uid, new Dictionary<string, double>(), new TrainingFigures(1, 1, 0, 1, 1, null, 1, 1, 1, 0)));
        return written!;
    }

    /// <summary>Some batches in training mode: statistics that are not the neutral ones.</summary>
    private static void Settle(ImageClassifier network, ModelSpec spec)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        for (var i = 0; i < 5; i++) network.call(torch.randn(16, spec.Channels, spec.Height, spec.Width) + 1);
    }
}
