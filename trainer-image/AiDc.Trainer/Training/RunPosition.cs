namespace AiDc.Trainer.Training;

/// <summary>
/// Which state a member holds. Two members whose positions are equal hold the same bits; of two that differ the higher one counts, by
/// generation first: a step that an older membership committed on one member only is void once a newer one has trained.
/// </summary>
/// <param name="HasState">False before the first state was agreed on; then nothing else counts.</param>
/// <param name="Generation">The membership in which the state was last agreed on.</param>
/// <param name="Replay">How often that membership went back to a checkpoint.</param>
/// <param name="Step">Committed steps.</param>
/// <param name="Epoch">Completed epochs: the last step of an epoch and its completion are two.</param>
public readonly record struct RunPosition(bool HasState, long Generation, int Replay, long Step, int Epoch) : IComparable<RunPosition>
{
    public int CompareTo(RunPosition other) => Key.CompareTo(other.Key);

    public static bool operator <(RunPosition left, RunPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(RunPosition left, RunPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(RunPosition left, RunPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RunPosition left, RunPosition right) => left.CompareTo(right) >= 0;

    private (bool, long, int, long, int) Key => HasState ? (true, Generation, Replay, Step, Epoch) : default;
}
