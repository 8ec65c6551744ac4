namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>Which samples a rank read for a step, written before the step's gradients are summed.</summary>
/// <param name="Generation">Of the membership.</param>
/// <param name="Replay">How often that membership went back to a checkpoint before.</param>
/// <param name="Step">Steps done before this one.</param>
/// <param name="Epoch">From 0.</param>
/// <param name="Indices">Positions in the data set, as the loader read them; may be empty.</param>
public sealed record LedgerEntry(long Generation, int Replay, long Step, int Epoch, int Rank, IReadOnlyList<int> Indices);
