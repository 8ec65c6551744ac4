namespace AiDc.Benchmarks.Failover;

/// <summary>Where one training keeps its checkpoints, and below it the ledgers of its processes.</summary>
internal sealed record StepLedgerFolder(string Root)
{
    public string Ledger => Path.Combine(Root, "ledger");

    /// <summary>Processes that have committed a step.</summary>
    public HashSet<string> Processes() => [.. StepLedger.Read(Ledger).Commits.Select(c => c.File)];

    /// <summary>Waits until so many processes that were not there before have committed a step.</summary>
    /// <returns>When the last of them did.</returns>
    public async Task<DateTimeOffset> NewProcessesAsync(HashSet<string> before, int count, TimeSpan within, CancellationToken ct)
    {
        var until = DateTimeOffset.UtcNow + within;
        while (true)
        {
            var first = StepLedger.Read(Ledger).Commits.Where(c => !before.Contains(c.File))
                .GroupBy(c => c.File).Select(g => g.Min(c => c.At)).Order().ToList();
            if (first.Count >= count)
                return first[count - 1];
            if (DateTimeOffset.UtcNow > until)
                throw new TimeoutException($"{Root}: not within {within}: {count} new processes train");
            await Task.Delay(250, ct);
        }
    }
}
