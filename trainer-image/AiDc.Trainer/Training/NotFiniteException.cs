namespace AiDc.Trainer.Training;

/// <summary>The reduced loss of a step is not a finite number; the step was rolled back, on every rank alike.</summary>
internal sealed class NotFiniteException(long step, double loss) : Exception($"the loss became {loss} at step {step}")
{
    /// <summary>From 1.</summary>
    public long Step { get; } = step;
}
