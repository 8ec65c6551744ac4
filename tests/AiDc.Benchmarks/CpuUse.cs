using System.Diagnostics;
using System.Globalization;
using AiDc.Testing;

namespace AiDc.Benchmarks;

/// <summary>
/// Processor time used so far, in milliseconds, by each part of a measurement, and by the whole machine: what remains of that is
/// the kernel's own and that of whatever else runs, so that a figure taken on a busy machine shows it.
/// </summary>
/// <param name="Controller">What makes the pods: the operator, or kube-controller-manager.</param>
/// <param name="Load">The benchmark itself.</param>
internal sealed record CpuUse(double ApiServer, double Etcd, double Controller, double Load, double Machine)
{
    /// <summary>USER_HZ, the unit of /proc: 100 a second on every architecture that .NET runs on.</summary>
    private const double MillisecondsPerTick = 10;

    public static CpuUse Now(ControlPlane plane, int? controller)
    {
        using var self = Process.GetCurrentProcess();
        return new(Of(plane.ProcessId("kube-apiserver")), Of(plane.ProcessId("etcd")), Of(controller), self.TotalProcessorTime.TotalMilliseconds, OfMachine());
    }

    public CpuUse Since(CpuUse before) => new(
        ApiServer - before.ApiServer, Etcd - before.Etcd, Controller - before.Controller, Load - before.Load, Machine - before.Machine);

    public CpuUse Per(int count) => new(ApiServer / count, Etcd / count, Controller / count, Load / count, Machine / count);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"API server {ApiServer:F2}, etcd {Etcd:F2}, controller {Controller:F2}, load {Load:F2}, whole machine {Machine:F2} ms a pod");

    /// <summary>User and system time of a process, fields 14 and 15 of its stat; the name before them may hold anything, in parentheses.</summary>
    private static double Of(int? process)
    {
        if (process is not { } id) return 0;
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Ticks(fields[11]) + Ticks(fields[12])) * MillisecondsPerTick;
    }

    /// <summary>All of the first line of /proc/stat (user, nice, system, idle, iowait, irq, softirq, steal) but idle, iowait and steal.</summary>
    private static double OfMachine()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (Ticks(fields[1]) + Ticks(fields[2]) + Ticks(fields[3]) + Ticks(fields[6]) + Ticks(fields[7])) * MillisecondsPerTick;
    }

    private static double Ticks(string field) => double.Parse(field, CultureInfo.InvariantCulture);
}
