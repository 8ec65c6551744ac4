using System.Diagnostics;
using System.Net;
using Spectre.Console;

namespace AiDc.Benchmarks.Serving.Cluster;

/// <summary>A request for a service that has no replica: when the operator decides, when the answer is there. Then ten services at once.</summary>
internal sealed class FromZero(IPEndPoint gateways, InferenceRequests requests, ServedDigits digits, Figures figures)
{
    private const int Trials = 10;
    private const int Services = 10;
    private const string Scaling = "{min: 0, max: 1, idleAfter: 5s}";

    public async Task MeasureAsync(CancellationToken ct)
    {
        var service = new ClusterService("seldom");
        await service.ApplyAsync(Scaling, ct);
        await service.IsWholeAsync(1, ct);
        List<double> decisions = [], answers = [];
        for (var trial = 1; trial <= Trials; trial++)
        {
            await service.IsIdleAsync(ct);
            var (decision, answer) = await WakeAsync(service, ct);
            AnsiConsole.MarkupLineInterpolated($"  from zero, {trial} of {Trials}: decided after {decision:F2} s, answered after {answer:F2} s");
            decisions.Add(decision);
            answers.Add(answer);
        }

        Report("fromZeroDecisionSeconds", decisions);
        Report("fromZeroAnswerSeconds", answers);
        await service.DeleteAsync(ct);
        await TogetherAsync(ct);
    }

    private async Task TogetherAsync(CancellationToken ct)
    {
        var services = Enumerable.Range(0, Services).Select(i => new ClusterService($"seldom-{i}")).ToList();
        foreach (var service in services) await service.ApplyAsync(Scaling, ct);
        foreach (var service in services) await service.UntilAsync("it answered", async () => (await service.StatusAsync(ct)).Phase is "Ready" or "Idle", ct);
        foreach (var service in services) await service.IsIdleAsync(ct);
        var start = Stopwatch.GetTimestamp();
        var answered = await Task.WhenAll(services.Select(s => AskAsync(s, start, ct)));
        figures.Set("tenFromZeroAnswered", answered.Count(a => a.Status == 200));
        figures.Set("tenFromZeroWorstSeconds", answered.Max(a => a.Seconds));
        figures.Set("tenFromZeroFirstSeconds", answered.Min(a => a.Seconds));
        foreach (var service in services) await service.DeleteAsync(ct);
        figures.Set("tenFromZeroFloorSeconds", await FloorAsync(ct));
    }

    /// <summary>Ten model servers that are started at once on this machine, without any cluster: what its processors need for it.</summary>
    private async Task<double> FloorAsync(CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var servers = await Task.WhenAll(Enumerable.Range(0, Services).Select(_ => digits.ServeAsync(maxBatch: 32, ct)));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var server in servers) await server.DisposeAsync();
        return seconds;
    }

    private async Task<(double Decision, double Answer)> WakeAsync(ClusterService service, CancellationToken ct)
    {
        using var watch = ReplicaWatch.Of(service);
        await watch.SeesAsync(0, ct);
        var start = Stopwatch.GetTimestamp();
        var answer = AskAsync(service, start, ct);
        await watch.SeesAsync(1, ct);
        var decision = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (status, seconds) = await answer;
        return status == 200 ? (decision, seconds) : throw new InvalidOperationException($"{service.Name}: a request that woke it was answered {status}");
    }

    private async Task<(int Status, double Seconds)> AskAsync(ClusterService service, long start, CancellationToken ct)
    {
        using var connection = new HttpConnection(gateways);
        await connection.SendAsync(requests.Binary(gateways, service.Path)[0], ct);
        var (status, _) = await connection.ReceiveAsync(ct);
        return (status, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private void Report(string figure, List<double> seconds)
    {
        figures.Set(figure, seconds.Order().ElementAt(seconds.Count / 2));
        figures.Set(figure.Replace("Seconds", "WorstSeconds", StringComparison.Ordinal), seconds.Max());
    }

    /// <summary>The replicas that the operator wants, as the API server tells a watch.</summary>
    private sealed class ReplicaWatch : IDisposable
    {
        private readonly Process _kubectl;

        private ReplicaWatch(Process kubectl) => _kubectl = kubectl;

        public static ReplicaWatch Of(ClusterService service) => new(Process.Start(new ProcessStartInfo("kubectl",
            ["-n", ClusterService.Namespace, "get", "deployments", "-l", $"aidc.dev/inference-service={service.Name}", "--watch", "-o", "jsonpath={.spec.replicas}{\"\\n\"}"])
        {
            RedirectStandardOutput = true,
        })!);

        public async Task SeesAsync(int replicas, CancellationToken ct)
        {
            while (await _kubectl.StandardOutput.ReadLineAsync(ct) is { } line)
                if (line.Trim() == $"{replicas}") return;
            throw new InvalidOperationException("kubectl's watch ended");
        }

        public void Dispose()
        {
            _kubectl.Kill();
            _kubectl.WaitForExit();
            _kubectl.Dispose();
        }
    }
}
