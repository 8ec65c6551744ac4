namespace AiDc.Trainer.Serving.Models;

/// <summary>Which model to serve.</summary>
/// <param name="Source">A folder or file, s3://bucket/key, or an http(s) URL; see <see cref="ServedModels"/>.</param>
/// <param name="Name">By which requests call it.</param>
public sealed record ServedModelOptions(string Source, ModelFormat Format, string Name)
{
    /// <summary>Of the model's file; of model.json for a bundle. Null: not checked.</summary>
    public string? Sha256 { get; init; }

    /// <summary>For TorchScript, which does not say what it takes.</summary>
    public IReadOnlyList<TensorMetadata> Inputs { get; init; } = [];

    /// <summary>A folder for copies of what comes over the network, shared by all replicas of a node. Null: a temporary one of this process.</summary>
    public string? Cache { get; init; }

    /// <summary>Above this the copies that were not used for the longest time are removed.</summary>
    public long CacheBytes { get; init; } = 20L << 30;

    /// <summary>Threads of one operation.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
