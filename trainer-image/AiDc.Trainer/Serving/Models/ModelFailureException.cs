namespace AiDc.Trainer.Serving.Models;

/// <summary>The model took its inputs and failed on them; its own error, of one line.</summary>
public sealed class ModelFailureException(string message, Exception inner) : Exception(message, inner);
