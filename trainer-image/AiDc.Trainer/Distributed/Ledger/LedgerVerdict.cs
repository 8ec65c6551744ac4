namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>What the ledger says about which samples the surviving history used.</summary>
/// <param name="Problems">Sentences; empty when the ledger is exact.</param>
/// <param name="Epochs">Complete epochs: each used every sample exactly once.</param>
/// <param name="Steps">Steps of the surviving history.</param>
/// <param name="VoidEntries">Entries of steps that a later membership did again.</param>
/// <param name="Generations">Memberships that wrote something.</param>
public sealed record LedgerVerdict(IReadOnlyList<string> Problems, int Epochs, long Steps, int VoidEntries, int Generations)
{
    public bool Exact => Problems.Count == 0;
}
