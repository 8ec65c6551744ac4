namespace AiDc.Trainer.Data;

/// <summary>
/// The order in which an epoch visits the samples: a pure function of seed, epoch and count, so that a run resumed on
/// another machine in the middle of an epoch sees exactly the rest.
/// </summary>
public static class EpochOrder
{
    /// <returns>[count], each of 0 to count-1 once.</returns>
    public static int[] Permutation(ulong seed, int epoch, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var order = Sequence(count);
        new Xoshiro256(SplitMix64.Combine(seed, (ulong)epoch)).Shuffle(order.AsSpan());
        return order;
    }

    /// <returns>0 to count-1, in order.</returns>
    public static int[] Sequence(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        return order;
    }
}
