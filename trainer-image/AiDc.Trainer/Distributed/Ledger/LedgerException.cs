namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>Samples were used twice or not at all.</summary>
public sealed class LedgerException(string message) : TrainerException(message, ExitCodes.UnexpectedFailure);
