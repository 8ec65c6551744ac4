namespace AiDc.Trainer.Data;

/// <summary>
/// Holds back a part of the training images for validation. Stratified: each class gives its share, so that rare classes
/// appear on both sides. A pure function of its inputs.
/// </summary>
public static class DataSplit
{
    /// <param name="labels">[Count], the class of each sample.</param>
    /// <param name="fraction">Share held back, at least 0 and below 1.</param>
    /// <returns>
    /// Indices in ascending order, together each sample once. Validation gets round(fraction x Count) samples, at least one
    /// if the fraction is above 0, and never the last sample of a class.
    /// </returns>
    public static (int[] Train, int[] Validation) Split(ReadOnlySpan<long> labels, double fraction, ulong seed)
    {
        if (!(fraction is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "the validation split must be at least 0 and below 1");
        if (fraction == 0) return (EpochOrder.Sequence(labels.Length), []);

        var members = MembersByClass(labels);
        var quotas = Quotas(members, fraction, labels.Length);
        var held = new bool[labels.Length];
        for (var k = 0; k < members.Count; k++)
        {
            var shuffled = members[k].ToArray();
            new Xoshiro256(SplitMix64.Combine(seed, (ulong)k)).Shuffle(shuffled.AsSpan());
            foreach (var index in shuffled.AsSpan(0, quotas[k])) held[index] = true;
        }
        return (Where(held, false), Where(held, true));
    }

    private static List<List<int>> MembersByClass(ReadOnlySpan<long> labels)
    {
        var byLabel = new SortedDictionary<long, List<int>>();
        for (var i = 0; i < labels.Length; i++)
        {
            if (!byLabel.TryGetValue(labels[i], out var list)) byLabel.Add(labels[i], list = []);
            list.Add(i);
        }
        return [.. byLabel.Values];
    }

    /// <summary>Largest-remainder apportionment, each class capped so that it keeps one sample to train on.</summary>
    private static int[] Quotas(List<List<int>> members, double fraction, int count)
    {
        var wanted = Math.Max(1, (int)Math.Round(fraction * count, MidpointRounding.AwayFromZero));
        var quotas = members.Select(m => Math.Min((int)(fraction * m.Count), m.Count - 1)).ToArray();
        var byRemainder = Enumerable.Range(0, members.Count)
            .OrderByDescending(k => fraction * members[k].Count - quotas[k]).ThenBy(k => k).ToArray();
        var missing = wanted - quotas.Sum();
        while (missing > 0)
        {
            var before = missing;
            foreach (var k in byRemainder.Where(k => quotas[k] < members[k].Count - 1))
            {
                if (missing == 0) break;
                quotas[k]++;
                missing--;
            }
            if (missing == before) break; // every class is down to its last training sample
        }
        return quotas;
    }

    private static int[] Where(bool[] held, bool value) => [.. Enumerable.Range(0, held.Length).Where(i => held[i] == value)];
}
