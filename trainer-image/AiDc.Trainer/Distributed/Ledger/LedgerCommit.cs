namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>A step that a process committed, and when: what a loss of workers cost is read from it.</summary>
/// <param name="Step">Steps done before this one.</param>
/// <param name="Loss">Mean over the global batch.</param>
/// <param name="At">Milliseconds since 1970, by this machine's clock.</param>
public sealed record LedgerCommit(long Generation, int Replay, long Step, double Loss, long At);
