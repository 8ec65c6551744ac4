namespace AiDc.Trainer.Checkpoints;

/// <summary>manifest.json, written last: a folder without it is not a checkpoint.</summary>
public sealed record CheckpointManifest(
    int FormatVersion, int Generation, long Step, DateTimeOffset CreatedAt, IReadOnlyDictionary<string, CheckpointManifest.Entry> Files)
{
    public const string FileName = "manifest.json";

    /// <param name="Sha256">In lower-case hex.</param>
    public sealed record Entry(long Bytes, string Sha256);
}
