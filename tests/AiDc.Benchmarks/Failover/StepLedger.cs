using System.Text.Json;

namespace AiDc.Benchmarks.Failover;

/// <summary>
/// What the processes of one training wrote into their ledgers, read from the nodes' disk: which samples each of them read for which step, and
/// when it committed a step with which loss. Lines that are half-written because the writer was killed are left out.
/// </summary>
internal sealed class StepLedger
{
    private StepLedger(IReadOnlyList<Commit> commits) => Commits = commits;

    /// <summary>All commits, by time.</summary>
    public IReadOnlyList<Commit> Commits { get; }

    public static StepLedger Read(string folder)
    {
        var commits = new List<Commit>();
        if (Directory.Exists(folder))
            foreach (var file in Directory.GetFiles(folder, "*.jsonl"))
                commits.AddRange(Lines(file).Select(line => Parse(Path.GetFileName(file), line)).OfType<Commit>());
        return new([.. commits.OrderBy(c => c.At)]);
    }

    /// <summary>The highest generation that committed a step; 0 before the first.</summary>
    public long Generation => Commits.Count == 0 ? 0 : Commits.Max(c => c.Generation);

    public long Step => Commits.Count == 0 ? 0 : Commits.Max(c => c.Step);

    /// <summary>The first commit after a moment in a later generation, or null while there is none.</summary>
    public Commit? FirstAfter(DateTimeOffset moment, long generation) => Commits.FirstOrDefault(c => c.Generation > generation && c.At >= moment);

    /// <summary>The first commit after a moment, in a later generation, of a step that so many processes committed.</summary>
    public Commit? FirstAtFullStrength(DateTimeOffset moment, long generation, int processes) => Commits
        .Where(c => c.Generation > generation && c.At >= moment)
        .GroupBy(c => (c.Generation, c.Step))
        .Where(g => g.Select(c => c.File).Distinct().Count() >= processes)
        .Select(g => g.First())
        .OrderBy(c => c.At)
        .FirstOrDefault();

    /// <summary>For each process that goes on in a generation: from its last commit before to its first one in it; the longest.</summary>
    public double? PauseSeconds(long generation)
    {
        var pauses = new List<double>();
        foreach (var process in Commits.GroupBy(c => c.File))
        {
            var before = process.Where(c => c.Generation < generation).MaxBy(c => c.At);
            var after = process.Where(c => c.Generation == generation).MinBy(c => c.At);
            if (before is not null && after is not null)
                pauses.Add((after.At - before.At).TotalSeconds);
        }
        return pauses.Count == 0 ? null : pauses.Max();
    }

    /// <summary>Steps that some process had committed and that a later generation did again.</summary>
    public long StepsDoneAgain(long generation)
    {
        var first = Commits.Where(c => c.Generation == generation).Min(c => c.Step);
        return Commits.Where(c => c.Generation < generation && c.Step >= first).Select(c => c.Step).Distinct().LongCount();
    }

    /// <summary>The loss of each step as the surviving history has it: the last generation that did the step counts.</summary>
    public SortedDictionary<long, double> Losses()
    {
        var losses = new SortedDictionary<long, double>();
        foreach (var commit in Commits.OrderBy(c => c.Generation))
            losses[commit.Step] = commit.Loss;
        return losses;
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static Commit? Parse(string file, string line)
    {
        if (!line.Contains("\"loss\"", StringComparison.Ordinal))
            return null;
        try
        {
            var entry = JsonDocument.Parse(line).RootElement;
            return new(
                file, entry.GetProperty("generation").GetInt64(), entry.GetProperty("step").GetInt64(), entry.GetProperty("loss").GetDouble(),
                DateTimeOffset.FromUnixTimeMilliseconds(entry.GetProperty("at").GetInt64()));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="Step">The step that was committed, counted from 0.</param>
    /// <param name="Loss">Of the whole global batch.</param>
    internal sealed record Commit(string File, long Generation, long Step, double Loss, DateTimeOffset At);
}
