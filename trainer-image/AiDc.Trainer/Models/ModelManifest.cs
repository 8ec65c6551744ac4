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

    /// <summary>Fields are only ever added, which needs no new number.</summary>
    public const int CurrentVersion = 1;

    public int FormatVersion { get; init; } = CurrentVersion;

    /// <summary>What the training read; null in a bundle of before that was written down.</summary>
    public DataSource? Data { get; init; }

    /// <summary>namespace/name of the job; null where there was none.</summary>
    public string? Job { get; init; }

    /// <param name="Place">As it was named, a path or a URI.</param>
    /// <param name="Sha256">Of the names of the classes, the labels and the pixels.</param>
    public sealed record DataSource(string Place, string Sha256);

    /// <param name="Sha256">In lower-case hex.</param>
    public sealed record WeightsFile(string File, long Bytes, string Sha256);
}
