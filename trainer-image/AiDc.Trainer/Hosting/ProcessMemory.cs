using System.Globalization;

namespace AiDc.Trainer.Hosting;

/// <summary>What the kernel counts for this process.</summary>
public static class ProcessMemory
{
    /// <summary>Most resident memory so far, in MiB; 0 where the kernel does not tell.</summary>
    public static double PeakMiB()
    {
        const string status = "/proc/self/status";
        if (!File.Exists(status)) return 0;
        var line = File.ReadLines(status).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kib)
            ? Math.Round(kib / 1024.0, 1)
            : 0;
    }
}
