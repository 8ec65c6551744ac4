using AiDc.Trainer.Data;
using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Models;

/// <summary>model.json of a result bundle: all that is needed to use model.safetensors, and where it comes from.</summary>
/// <param name="Run">Tells one configuration of a run from another; equal for a restart of the same.</param>
/// <param name="Metrics">The result's figures.</param>
public sealed record ModelManifest(
    string Task,
    ModelSpec Architecture,
    IReadOnlyList<string> Classes,
    Normalization Normalization,
    ModelManifest.WeightsFile Weights,
    string Run,
    IReadOnlyDictionary<string, double> Metrics,
    TrainingFigures Training)
{
    public const string FileName = "model.json";

    public const string ImageClassification = "image-classification";

    public int FormatVersion { get; init; } = 1;

    /// <param name="Sha256">In lower-case hex.</param>
    public sealed record WeightsFile(string File, long Bytes, string Sha256);
}
