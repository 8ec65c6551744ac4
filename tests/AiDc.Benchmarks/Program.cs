using AiDc.Benchmarks;
using AiDc.Benchmarks.Autoscaling;
using AiDc.Benchmarks.Canary;
using AiDc.Benchmarks.Chaos;
using AiDc.Benchmarks.Failover;
using AiDc.Benchmarks.Scheduling;
using AiDc.Benchmarks.Serving;
using Spectre.Console;

Dictionary<string, Func<Figures, CancellationToken, Task>> benchmarks = new(StringComparer.Ordinal)
{
    ["reconcile"] = ReconcileBenchmark.RunAsync,
    ["footprint"] = FootprintBenchmark.RunAsync,
    ["training"] = TrainingBenchmark.RunAsync,
    ["distributed"] = DistributedBenchmark.RunAsync,
    ["autoscaling"] = AutoscalingBenchmark.RunAsync,
    ["scheduling"] = SchedulingBenchmark.RunAsync,
    ["canary"] = CanaryBenchmark.RunAsync,
    ["failover"] = FailoverBenchmark.RunAsync,
    ["chaos"] = ChaosBenchmark.RunAsync,
    ["serving"] = ServingBenchmark.RunAsync,
};

// One of the processes that the benchmark of collectives starts.
if (args is ["allreduce-rank", ..])
    return DistributedRank.Run(args[1..]);

// The gateway in front of a server that is measured.
if (args is [GatewayHost.Command, ..])
    return await GatewayHost.RunAsync(args[1..]);

if (args is ["--list"])
{
    foreach (var name in benchmarks.Keys)
        Console.WriteLine(name);
    return 0;
}

// Whether the variables that say what to measure can be understood: asked before anything is prepared.
Dictionary<string, Action> checks = new(StringComparer.Ordinal)
{
    ["canary"] = () => CanaryBenchmark.WantedParts(),
    ["failover"] = () => FailoverBenchmark.WantedParts(),
    ["serving"] = () => ServingParts.Wanted(),
};
if (args is ["--check", var asked] && benchmarks.ContainsKey(asked))
{
    try
    {
        checks.GetValueOrDefault(asked)?.Invoke();
        return 0;
    }
    catch (UsageException error)
    {
        await Console.Error.WriteLineAsync($"error: {error.Message}");
        return 2;
    }
}

if (args is ["--check", var unknown])
    args = [unknown];
if (args.Length != 1 || !benchmarks.TryGetValue(args[0], out var run))
{
    await Console.Error.WriteLineAsync($"which benchmark? one of: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
AnsiConsole.MarkupLineInterpolated($"[bold]{args[0]}[/]");
var figures = new Figures(args[0]);
await run(figures, stop.Token);
figures.Write(Repository.Root);
return 0;
