using System.Globalization;
using AiDc.Benchmarks.Failover;
using Spectre.Console;

namespace AiDc.Benchmarks.Serving.Cluster;

/// <summary>
/// Real model servers behind the real gateways of the local cluster, asked from outside of it through the gateways' Service. A part that fails
/// is said, its figures are missing, and the others go on.
/// </summary>
internal static class ClusterServing
{
    public static async Task RunAsync(ServedDigits digits, InferenceRequests requests, IReadOnlySet<string> parts, Figures figures, CancellationToken ct)
    {
        await ClusterService.PrepareAsync(digits, ct);
        var gateways = await ClusterService.GatewaysAsync(ct);
        var service = new ClusterService("digits");
        var traffic = new Traffic(gateways, requests, service);
        var minutes = double.Parse(Environment.GetEnvironmentVariable("AIDC_CONSTANT_MINUTES") ?? "15", CultureInfo.InvariantCulture);
        foreach (var (part, measure) in new (string, Func<Task>)[]
        {
            (ServingParts.Failures, () => new Failures(service, traffic, figures).MeasureAsync(ct)),
            (ServingParts.Gateways, () => ClusterGateways.MeasureAsync(service, traffic, figures, ct)),
            (ServingParts.Zero, () => new FromZero(gateways, requests, digits, figures).MeasureAsync(ct)),
            (ServingParts.Constant, () => ConstantLoad.MeasureAsync(gateways, requests, TimeSpan.FromMinutes(minutes), figures, ct)),
        })
            if (parts.Contains(part)) await TryAsync(part, measure);
        await ClusterService.CleanUpAsync(ct);
    }

    private static async Task TryAsync(string part, Func<Task> measure)
    {
        try
        {
            await measure();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{part} failed: {e.Message}[/]");
            foreach (var node in LocalCluster.Nodes) await LocalCluster.PowerOnAsync(node, CancellationToken.None);
        }
    }
}
