using AiDc.Api;

namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>Which samples a rank read for a step, written before the step's gradients are summed.</summary>
/// <param name="Generation">Of the membership.</param>
/// <param name="Replay">How often that membership went back to a checkpoint before.</param>
/// <param name="Step">Steps done before this one.</param>
/// <param name="Epoch">From 0.</param>
/// <param name="Indices">Positions in the data set, as the loader read them; may be empty.</param>
public sealed record LedgerEntry(long Generation, int Replay, long Step, int Epoch, int Rank, IReadOnlyList<int> Indices);

/// <summary>A step that a process committed, and when: what a loss of workers cost is read from it.</summary>
/// <param name="Step">Steps done before this one.</param>
/// <param name="Loss">Mean over the global batch.</param>
/// <param name="At">Milliseconds since 1970, by this machine's clock.</param>
public sealed record LedgerCommit(long Generation, int Replay, long Step, double Loss, long At);

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

/// <summary>Samples were used twice or not at all.</summary>
public sealed class LedgerException(string message) : TrainerException(message, ExitCodes.UnexpectedFailure);
