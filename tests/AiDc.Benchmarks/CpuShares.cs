using System.Globalization;

namespace AiDc.Benchmarks;

/// <summary>
/// The same share of a core for each process, however many there are: control groups with a quota, of version 1 or 2 of the
/// kernel's interface. Short periods, so that a process that used its share up waits for milliseconds only.
/// </summary>
internal sealed class CpuShares : IDisposable
{
    private const int PeriodMicroseconds = 10_000;
    private readonly List<string> groups = [];

    private CpuShares(double cores) => Cores = cores;

    /// <summary>Of each process.</summary>
    public double Cores { get; }

    /// <summary>Null where this user may not make control groups.</summary>
    public static CpuShares? Create(int count, double cores)
    {
        var unified = File.Exists("/sys/fs/cgroup/cgroup.controllers");
        var hierarchy = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
        var shares = new CpuShares(cores);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var group = Path.Combine(hierarchy, $"aidc-bench-{Environment.ProcessId}-{i}");
                Directory.CreateDirectory(group);
                shares.groups.Add(group);
                var quota = Text((int)(cores * PeriodMicroseconds));
                if (unified)
                {
                    File.WriteAllText(Path.Combine(group, "cpu.max"), $"{quota} {Text(PeriodMicroseconds)}");
                    continue;
                }

                File.WriteAllText(Path.Combine(group, "cpu.cfs_period_us"), Text(PeriodMicroseconds));
                File.WriteAllText(Path.Combine(group, "cpu.cfs_quota_us"), quota);
            }

            return shares;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            shares.Dispose();
            return null;
        }
    }

    /// <summary>Starts a program with the share of a process.</summary>
    public IReadOnlyList<string> Wrapper(int process) =>
        ["/bin/sh", "-c", "echo $$ >\"$1/cgroup.procs\" && shift && exec \"$@\"", "sh", groups[process]];

    public void Dispose()
    {
        foreach (var group in groups)
            Directory.Delete(group);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
