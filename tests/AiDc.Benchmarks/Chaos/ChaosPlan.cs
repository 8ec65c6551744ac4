namespace AiDc.Benchmarks.Chaos;

/// <summary>What happens when: drawn from a seed before the run, so that a run can be repeated.</summary>
internal static class ChaosPlan
{
    private static readonly Disturbance[] Kinds = Enum.GetValues<Disturbance>();

    /// <param name="After">Time since the one before ended.</param>
    /// <param name="For">How long it lasts.</param>
    internal sealed record Event(Disturbance What, string Node, TimeSpan After, TimeSpan For);

    /// <summary>Each kind comes once before any comes again, in an order of chance.</summary>
    public static IEnumerable<Event> Draw(int seed, IReadOnlyList<string> nodes)
    {
        var random = new Random(seed);
        while (true)
        {
            var kinds = Kinds.ToArray();
            random.Shuffle(kinds);
            foreach (var kind in kinds)
                yield return new(
                    kind, nodes[random.Next(nodes.Count)], TimeSpan.FromSeconds(5 + random.NextDouble() * 15), TimeSpan.FromSeconds(2 + random.NextDouble() * 13));
        }
    }
}
