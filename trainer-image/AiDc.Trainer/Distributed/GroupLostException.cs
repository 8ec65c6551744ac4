namespace AiDc.Trainer.Distributed;

/// <summary>A rank of a fixed group was lost: without an operator nobody forms another.</summary>
public sealed class GroupLostException(string message, Exception? inner = null) : TrainerException(message, ExitCodes.UnexpectedFailure, inner);
