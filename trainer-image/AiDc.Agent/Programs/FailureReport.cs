using System.Globalization;
using System.Text;
using AiDc.Agent.Deciding;

namespace AiDc.Agent.Programs;

/// <summary>What the container leaves as its termination message when a program failed. Pure.</summary>
internal static class FailureReport
{
    /// <summary>Kubernetes keeps 4096 bytes.</summary>
    public const int MostBytes = 4000;

    private static readonly Dictionary<int, string> Signals = new()
    {
        [1] = "SIGHUP", [2] = "SIGINT", [3] = "SIGQUIT", [4] = "SIGILL", [6] = "SIGABRT", [7] = "SIGBUS", [8] = "SIGFPE", [9] = "SIGKILL",
        [11] = "SIGSEGV", [13] = "SIGPIPE", [15] = "SIGTERM",
    };

    /// <summary>One line that says what happened, then the end of what the program wrote.</summary>
    /// <param name="memoryLimit">Of the container, in bytes, where it was out of memory; null otherwise.</param>
    /// <param name="tail">Bytes of the program's output, in any encoding.</param>
    public static byte[] Render(ProgramEnd end, int rank, int processes, bool outOfMemory, long? memoryLimit, ReadOnlySpan<byte> tail)
    {
        var head = Encoding.UTF8.GetBytes(Cause(end, rank, processes, outOfMemory, memoryLimit) + "\n");
        var text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(tail));
        var kept = text.AsSpan(Math.Max(0, text.Length - (MostBytes - head.Length)));
        // Not from the middle of a character.
        while (kept.Length > 0 && (kept[0] & 0xc0) == 0x80)
            kept = kept[1..];
        return [.. head, .. kept];
    }

    public static string Cause(ProgramEnd end, int rank, int processes, bool outOfMemory, long? memoryLimit)
    {
        var who = processes > 1 ? $"rank {Text(rank)} (process {Text(end.LocalRank)} of this pod)" : $"rank {Text(rank)}";
        if (outOfMemory)
            return $"{who} ran out of memory{(memoryLimit is { } limit ? $": the container's limit is {Text(limit / (1024 * 1024))} MiB" : "")}";
        return end.Signal == 0
            ? $"{who} ended with exit code {Text(end.Code)}"
            : $"{who} was ended by {Signals.GetValueOrDefault(end.Signal, $"signal {Text(end.Signal)}")}";
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What the kernel says of the container's memory, by either version of control groups.</summary>
/// <param name="root">Where they are mounted.</param>
internal sealed class ContainerMemory(string root = "/sys/fs/cgroup")
{
    /// <summary>A container without a limit has one that no machine has.</summary>
    private const long NoLimit = 1L << 60;

    /// <summary>Processes that were killed because the container had no memory left; 0 where nobody says.</summary>
    public long Kills() => Counter("memory.events") ?? Counter("memory/memory.oom_control") ?? 0;

    /// <summary>In bytes; null where there is none.</summary>
    public long? Limit() => Number("memory.max") ?? Number("memory/memory.limit_in_bytes");

    private long? Counter(string file) =>
        Read(file)?.Split('\n').Where(l => l.StartsWith("oom_kill ", StringComparison.Ordinal)).Select(l => (long?)Parse(l[9..])).FirstOrDefault();

    private long? Number(string file) => Read(file) is { } text && Parse(text.Trim()) is { } number and < NoLimit ? number : null;

    private static long? Parse(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string? Read(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
