using System.Globalization;
using AiDc.Testing;
using Spectre.Console;

namespace AiDc.Benchmarks;

/// <summary>
/// 200 TrainingJobs of 10 workers against a real API server: pods per second from the first apply to the last pod, beside the
/// same 2,000 pods made by kube-controller-manager's Job controller, unthrottled and with its defaults. Nothing else runs:
/// no node, no scheduler, and of the controller manager the Job controller alone, so that each side has the machine to itself.
/// Each measurement has an API server and an etcd of its own; the sides take turns, and medians are compared.
/// </summary>
internal static class ReconcileBenchmark
{
    private const int Jobs = 200;
    private const int Workers = 10;
    private const int Rounds = 3;

    public static async Task RunAsync(Figures figures, CancellationToken ct)
    {
        List<Measurement> ours = [], theirs = [];
        for (var round = 1; round <= Rounds; round++)
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]round {round} of {Rounds}[/]");
            ours.Add(await MeasureOperatorAsync(ct));
            Show("operator", ours[^1]);
            theirs.Add(await MeasureJobControllerAsync(["--kube-api-qps=2000", "--kube-api-burst=4000"], Jobs, ct));
            Show("Job controller", theirs[^1]);
        }

        // 20 pods a second: a fifth of the jobs tells the same and takes a fifth of the time.
        var throttled = await MeasureJobControllerAsync([], Jobs / 5, ct);
        figures.Set("podsPerSecond", Median(ours, m => m.PodsPerSecond));
        figures.Set("jobControllerPodsPerSecond", Median(theirs, m => m.PodsPerSecond));
        figures.Set("jobControllerDefaultPodsPerSecond", throttled.PodsPerSecond);
        figures.Set("ratioToJobController", Median(ours, m => m.PodsPerSecond) / Median(theirs, m => m.PodsPerSecond));
        Report(figures, "operator", "", ours);
        Report(figures, "jobController", "jobController", theirs);
        figures.Set("rounds", Rounds);
    }

    /// <summary>Where the processors' time goes, a pod: it says more than the rate does where the machine is not all ours.</summary>
    private static void Report(Figures figures, string controller, string side, List<Measurement> measured)
    {
        string Name(string text) => side.Length == 0 ? char.ToLowerInvariant(text[0]) + text[1..] : side + text;
        figures.Set($"{controller}CpuMillisecondsPerPod", Median(measured, m => m.Cpu.Controller));
        figures.Set(Name("ApiServerCpuMillisecondsPerPod"), Median(measured, m => m.Cpu.ApiServer));
        figures.Set(Name("EtcdCpuMillisecondsPerPod"), Median(measured, m => m.Cpu.Etcd));
        figures.Set(Name("LoadCpuMillisecondsPerPod"), Median(measured, m => m.Cpu.Load));
        figures.Set(Name("MachineCpuMillisecondsPerPod"), Median(measured, m => m.Cpu.Machine));
        figures.Set(Name("ApiWritesPerPod"), Median(measured, m => m.WritesPerPod));
    }

    private static async Task<Measurement> MeasureOperatorAsync(CancellationToken ct)
    {
        await using var plane = await ControlPlane.StartAsync(ct: ct);
        using var client = new ApiLoad(plane);
        await client.InstallCrdsAsync(ct);
        await using var host = await OperatorProcess.StartAsync(plane, ct);
        try
        {
            return await MeasureAsync(plane, client, () => host.Id, (ns, jobs) => client.CreateTrainingJobsAsync(ns, jobs, Workers, ct), Jobs, ct);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; the operator said:\n{host.Log}", e);
        }
    }

    private static async Task<Measurement> MeasureJobControllerAsync(string[] arguments, int jobs, CancellationToken ct)
    {
        await using var plane = await ControlPlane.StartAsync(new ControlPlaneOptions
        {
            ControllerManager = true,
            ControllerManagerArguments = ["--controllers=job", .. arguments],
        }, ct);
        using var client = new ApiLoad(plane);
        return await MeasureAsync(
            plane, client, () => plane.ProcessId("kube-controller-manager"), (ns, count) => client.CreateBatchJobsAsync(ns, count, Workers, ct), jobs, ct);
    }

    private static async Task<Measurement> MeasureAsync(
        ControlPlane plane, ApiLoad client, Func<int?> controller, Func<string, int, Task> create, int jobs, CancellationToken ct)
    {
        await client.CreateNamespaceAsync("warm", ct);
        await client.CreateNamespaceAsync("bench", ct);
        // One job first: what is loaded and compiled on first use is not what is measured.
        await create("warm", 1);
        await client.WaitForPodsAsync("warm", Workers, ct);
        var pods = jobs * Workers;
        var writes = await client.CountWritesAsync(ct);
        var cpu = CpuUse.Now(plane, controller());
        var seconds = await client.TimeAsync(() => create("bench", jobs), "bench", pods, ct);
        var used = CpuUse.Now(plane, controller()).Since(cpu).Per(pods);
        writes = await client.CountWritesAsync(ct) - writes;
        if (Environment.GetEnvironmentVariable("AIDC_BENCH_DETAILS") is not null)
            AnsiConsole.WriteLine(await client.GetTextAsync("/metrics", ct));
        return new(pods / seconds, writes / pods, used);
    }

    private static void Show(string side, Measurement measured) =>
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {side} {measured.PodsPerSecond:F0}/s; {measured.Cpu}");

    private static double Median(List<Measurement> measured, Func<Measurement, double> figure)
    {
        var sorted = measured.Select(figure).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private sealed record Measurement(double PodsPerSecond, double WritesPerPod, CpuUse Cpu);
}
