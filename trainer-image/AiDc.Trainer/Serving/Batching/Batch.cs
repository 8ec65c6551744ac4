namespace AiDc.Trainer.Serving.Batching;

/// <summary>What the model computes at once.</summary>
/// <param name="Rows">Samples of all slices.</param>
internal sealed record Batch(IReadOnlyList<BatchSlice> Slices, int Rows);
