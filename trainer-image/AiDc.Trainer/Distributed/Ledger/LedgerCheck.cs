namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>
/// Whether each epoch used each sample exactly once. An entry is void if a later membership (or a later return to a checkpoint in the same
/// one) began at its step or before: that history was left. Pure.
/// </summary>
public static class LedgerCheck
{
    private const int Most = 20;

    private readonly record struct Line(long Generation, int Replay) : IComparable<Line>
    {
        public int CompareTo(Line other) => (Generation, Replay).CompareTo((other.Generation, other.Replay));
    }

    /// <param name="samples">Samples of an epoch.</param>
    /// <param name="epochs">How many complete epochs there must be; null: whatever there is, the last one may be under way.</param>
    public static LedgerVerdict Verify(IReadOnlyList<LedgerEntry> entries, int samples, int? epochs = null)
    {
        var surviving = Surviving(entries);
        var steps = surviving.Select(e => e.Step).Distinct().Order().ToList();
        var byEpoch = surviving.GroupBy(e => e.Epoch).OrderBy(g => g.Key).ToList();
        var problems = new List<string>();
        if (steps.Count > 0 && (steps[0] != 0 || steps[^1] != steps.Count - 1))
            problems.Add($"the surviving steps are not 0 to {steps[^1]}: {Missing(steps)}");
        var complete = 0;
        foreach (var epoch in byEpoch)
        {
            var found = EpochProblems(epoch.Key, epoch, samples, mayBeUnderWay: epochs is null && epoch.Key == byEpoch[^1].Key);
            problems.AddRange(found.Problems);
            if (found.Complete) complete++;
        }

        if (epochs is { } wanted && complete != wanted) problems.Add($"{complete} epochs are complete, not {wanted}");
        return new(
            [.. problems.Take(Most)], complete, steps.Count, entries.Count - surviving.Count,
            entries.Select(e => e.Generation).Distinct().Count());
    }

    private static List<LedgerEntry> Surviving(IReadOnlyList<LedgerEntry> entries)
    {
        var firstSteps = entries.GroupBy(e => new Line(e.Generation, e.Replay)).Select(g => (g.Key, First: g.Min(e => e.Step)));
        var limits = new Dictionary<Line, long>();
        var limit = long.MaxValue;
        foreach (var (line, first) in firstSteps.OrderByDescending(l => l.Key))
        {
            limits[line] = limit;
            limit = Math.Min(limit, first);
        }

        return [.. entries.Where(e => e.Step < limits[new(e.Generation, e.Replay)])];
    }

    private static (List<string> Problems, bool Complete) EpochProblems(int epoch, IEnumerable<LedgerEntry> entries, int samples, bool mayBeUnderWay)
    {
        var problems = new List<string>();
        var used = new Dictionary<int, long>();
        foreach (var entry in entries)
        {
            foreach (var index in entry.Indices)
            {
                if (!used.TryAdd(index, entry.Step)) problems.Add($"epoch {epoch}: sample {index} is used in step {used[index]} and again in step {entry.Step}");
            }
        }

        if (used.Count > samples) problems.Add($"epoch {epoch}: {used.Count} different samples, but there are only {samples}");
        else if (used.Count < samples && !mayBeUnderWay) problems.Add($"epoch {epoch}: {samples - used.Count} of {samples} samples were not used");
        return (problems, problems.Count == 0 && used.Count == samples);
    }

    private static string Missing(List<long> steps)
    {
        var there = steps.ToHashSet();
        var missing = Enumerable.Range(0, (int)Math.Min(int.MaxValue, steps[^1])).Select(i => (long)i).Where(s => !there.Contains(s)).Take(5);
        return $"missing are {string.Join(", ", missing)}";
    }
}
