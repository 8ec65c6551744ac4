using System.Diagnostics;
using System.Globalization;

namespace AiDc.Benchmarks;

/// <summary>What a figure was measured on: without it a figure says nothing.</summary>
internal static class Machine
{
    public static IEnumerable<KeyValuePair<string, string>> Facts(string root)
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var kib = long.Parse(
            File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        yield return new("machine", $"{model ?? "unknown CPU"}, {Environment.ProcessorCount} cores, {kib / 1024 / 1024.0:F0} GiB");
        yield return new("commit", Git(root, "rev-parse", "--short", "HEAD") + (Git(root, "status", "--porcelain").Length > 0 ? "+" : ""));
        yield return new("at", DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
    }

    private static string Git(string root, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = root, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return output;
    }
}
