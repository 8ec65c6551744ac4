using AiDc.Api;

namespace AiDc.Trainer.Training;

/// <summary>How often the loss of this process's run became something that is no number. Pure.</summary>
/// <param name="Steps">The steps at which it did, as counted from 1.</param>
public sealed record Divergence(IReadOnlyList<long> Steps)
{
    /// <summary>A machine that miscalculates once does not do so three times in other places.</summary>
    private const int Most = 3;

    public static Divergence None { get; } = new([]);

    public Divergence After(long step) => new([.. Steps, step]);

    /// <summary>Whether going back once more cannot help.</summary>
    public bool IsLasting => Steps.Count >= Most || Steps.Distinct().Count() < Steps.Count;
}

/// <summary>The loss is not a number any more, and going back to a checkpoint did not help or was not possible.</summary>
public sealed class DivergedException(string message) : TrainerException(message, ExitCodes.Diverged);

/// <summary>The loss, the gradient or the state is not finite; the step was rolled back, on every rank alike.</summary>
/// <param name="what">Became so.</param>
internal sealed class NotFiniteException(long step, string what) : Exception($"{what} at step {step}")
{
    /// <summary>From 1.</summary>
    public long Step { get; } = step;
}
