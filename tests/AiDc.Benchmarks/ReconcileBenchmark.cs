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
        List<double> ours = [], theirs = [], cpu = [], writes = [], theirWrites = [];
        for (var round = 1; round <= Rounds; round++)
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]round {round} of {Rounds}[/]");
            var (rate, cpuMilliseconds, writesPerPod) = await MeasureOperatorAsync(ct);
            ours.Add(rate);
            cpu.Add(cpuMilliseconds);
            writes.Add(writesPerPod);
            var (theirRate, theirWritesPerPod) = await MeasureJobControllerAsync(["--kube-api-qps=2000", "--kube-api-burst=4000"], Jobs, ct);
            theirs.Add(theirRate);
            theirWrites.Add(theirWritesPerPod);
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  operator {ours[^1]:F0}/s, Job controller {theirs[^1]:F0}/s");
        }

        // 20 pods a second: a fifth of the jobs tells the same and takes a fifth of the time.
        var (throttled, _) = await MeasureJobControllerAsync([], Jobs / 5, ct);
        figures.Set("podsPerSecond", Median(ours));
        figures.Set("jobControllerPodsPerSecond", Median(theirs));
        figures.Set("jobControllerDefaultPodsPerSecond", throttled);
        figures.Set("ratioToJobController", Median(ours) / Median(theirs));
        figures.Set("operatorCpuMillisecondsPerPod", Median(cpu));
        figures.Set("apiWritesPerPod", Median(writes));
        figures.Set("jobControllerApiWritesPerPod", Median(theirWrites));
        figures.Set("rounds", Rounds);
    }

    private static async Task<(double PodsPerSecond, double CpuMillisecondsPerPod, double WritesPerPod)> MeasureOperatorAsync(CancellationToken ct)
    {
        await using var plane = await ControlPlane.StartAsync(ct: ct);
        using var client = new ApiLoad(plane);
        await client.InstallCrdsAsync(ct);
        await using var host = await OperatorProcess.StartAsync(plane, ct);
        await client.CreateNamespaceAsync("warm", ct);
        await client.CreateNamespaceAsync("bench", ct);
        // One job first: what is loaded and compiled on first use is not what is measured; the Job controller gets one as well.
        await client.CreateTrainingJobsAsync("warm", 1, Workers, ct);
        try
        {
            await client.WaitForPodsAsync("warm", Workers, ct);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; the operator said:\n{host.Log}", e);
        }

        var before = host.CpuTime;
        var writesBefore = await client.CountWritesAsync(ct);
        var seconds = await client.TimeAsync(() => client.CreateTrainingJobsAsync("bench", Jobs, Workers, ct), "bench", Jobs * Workers, ct);
        var cpu = host.CpuTime - before;
        var writes = await client.CountWritesAsync(ct) - writesBefore;
        if (Environment.GetEnvironmentVariable("AIDC_BENCH_DETAILS") is not null)
            AnsiConsole.WriteLine(await client.GetTextAsync("/metrics", ct));
        return (Jobs * Workers / seconds, cpu.TotalMilliseconds / (Jobs * Workers), writes / (Jobs * Workers));
    }

    private static async Task<(double PodsPerSecond, double WritesPerPod)> MeasureJobControllerAsync(string[] arguments, int jobs, CancellationToken ct)
    {
        await using var plane = await ControlPlane.StartAsync(new ControlPlaneOptions
        {
            ControllerManager = true,
            ControllerManagerArguments = ["--controllers=job", .. arguments],
        }, ct);
        using var client = new ApiLoad(plane);
        await client.CreateNamespaceAsync("warm", ct);
        await client.CreateNamespaceAsync("bench", ct);
        await client.CreateBatchJobsAsync("warm", 1, Workers, ct);
        await client.WaitForPodsAsync("warm", Workers, ct);
        var writesBefore = await client.CountWritesAsync(ct);
        var seconds = await client.TimeAsync(() => client.CreateBatchJobsAsync("bench", jobs, Workers, ct), "bench", jobs * Workers, ct);
        return (jobs * Workers / seconds, (await client.CountWritesAsync(ct) - writesBefore) / (jobs * Workers));
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
