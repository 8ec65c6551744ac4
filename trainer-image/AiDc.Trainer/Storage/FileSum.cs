namespace AiDc.Trainer.Storage;

/// <summary>What a file was written as.</summary>
/// <param name="Sha256">In lower-case hex.</param>
public readonly record struct FileSum(long Bytes, string Sha256);
