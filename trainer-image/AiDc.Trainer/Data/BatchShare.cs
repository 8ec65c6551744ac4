namespace AiDc.Trainer.Data;

/// <summary>
/// Which samples of a global batch one of several ranks reads, and in which portions. The ranks' shares are contiguous and differ by one
/// sample at most; a share is read in rounds of at most <see cref="MicroBatchSize"/> samples. All ranks go through the same number of
/// rounds, some of them without samples. Pure: a function of the batch's size and the ranks.
/// </summary>
/// <param name="Rank">From 0.</param>
/// <param name="Size">Number of ranks.</param>
/// <param name="MicroBatchSize">Samples that a rank takes at once; at least 1.</param>
public sealed record BatchShare(int Rank, int Size, int MicroBatchSize)
{
    /// <summary>Everything at once.</summary>
    public static BatchShare Whole { get; } = new(0, 1, int.MaxValue);

    /// <summary>The part of [0, count) that is one rank's.</summary>
    public static (int Start, int End) Of(int count, int rank, int size) =>
        ((int)((long)count * rank / size), (int)((long)count * (rank + 1) / size));

    /// <summary>Rounds that every rank goes through for a batch of that size.</summary>
    public int Rounds(int count) => Divide(Divide(count, Size), MicroBatchSize);

    /// <summary>This rank's samples of a round, as positions in the batch; may be none.</summary>
    public (int Start, int End) Slice(int count, int round) => Slice(count, round, Rank);

    /// <summary>Samples that all ranks together take in a round.</summary>
    public int InRound(int count, int round)
    {
        var samples = 0;
        for (var rank = 0; rank < Size; rank++)
        {
            var (start, end) = Slice(count, round, rank);
            samples += end - start;
        }

        return samples;
    }

    private (int Start, int End) Slice(int count, int round, int rank)
    {
        var (start, end) = Of(count, rank, Size);
        var from = (int)Math.Min(end, start + ((long)round * MicroBatchSize));
        return (from, (int)Math.Min(end, (long)from + MicroBatchSize));
    }

    private static int Divide(int count, int by) => (int)(((long)count + by - 1) / by);
}
