using System.Globalization;

namespace AiDc.Benchmarks;

/// <summary>
/// The processes of a group on this machine, each bound to one core, in a network namespace of their own where this user may
/// make one: then its loopback carries nothing but their traffic, and its counter is what they put on the wire.
/// </summary>
internal sealed class RankProcesses : IDisposable
{
    private readonly string? space;

    private RankProcesses(string? space) => this.space = space;

    /// <summary>Its own loopback's counter, not the machine's.</summary>
    public bool CountsAlone => space is not null;

    public static async Task<RankProcesses> CreateAsync(CancellationToken ct)
    {
        if (Environment.UserName != "root")
            return new(null);
        var name = $"aidc-bench-{Environment.ProcessId}";
        await Repository.RunAsync("ip", ["netns", "add", name], ct);
        await Repository.RunAsync("ip", ["-n", name, "link", "set", "lo", "up"], ct);
        return new(name);
    }

    /// <returns>What each rank printed, and the bytes that they sent over loopback, TCP's own included.</returns>
    public async Task<(string[] Outputs, long WireBytes)> RunAsync(
        int size, Func<int, IReadOnlyList<string>> command, CancellationToken ct, CpuShares? shares = null)
    {
        var before = await WireBytesAsync(ct);
        var outputs = await Task.WhenAll(Enumerable.Range(0, size).Select(rank =>
        {
            // The share first: inside a network namespace /sys is another one.
            string[] whole = [.. shares?.Wrapper(rank) ?? [], .. Inside, "taskset", "-c", Text(rank % Environment.ProcessorCount), .. command(rank)];
            return Repository.RunAsync(whole[0], whole[1..], ct);
        }));
        return (outputs, await WireBytesAsync(ct) - before);
    }

    public void Dispose()
    {
        if (space is not null)
            Repository.RunAsync("ip", ["netns", "delete", space], CancellationToken.None).Wait();
    }

    private string[] Inside => space is null ? [] : ["ip", "netns", "exec", space];

    private async Task<long> WireBytesAsync(CancellationToken ct)
    {
        string[] whole = [.. Inside, "cat", "/proc/net/dev"];
        var loopback = (await Repository.RunAsync(whole[0], whole[1..], ct)).Split('\n').Single(l => l.TrimStart().StartsWith("lo:", StringComparison.Ordinal));
        // Interface, then eight columns received, then bytes sent.
        return long.Parse(loopback.Split(' ', StringSplitOptions.RemoveEmptyEntries)[9], CultureInfo.InvariantCulture);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
