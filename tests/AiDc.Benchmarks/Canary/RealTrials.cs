using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using AiDc.Api.V1Alpha1;
using AiDc.Benchmarks.Serving;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Gateway.Hosting;
using AiDc.Gateway.Services;
using AiDc.Operator.Serving;
using AiDc.Operator.Serving.Demand;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace AiDc.Benchmarks.Canary;

/// <summary>
/// Trials without a simulation: model servers in processes of their own behind the real gateway, whose counters the operator's policy is given each
/// second. The stable revision runs on from trial to trial; the canary is the very same model in a process that has just started.
/// </summary>
internal sealed class RealTrials : IAsyncDisposable
{
    private const int Trials = 20;
    private const double RequestsPerSecond = 40;

    private static readonly NamespacedName Service = new("bench", "digits");

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Shorter than by default, so that twenty trials take minutes: that only lessens what each is judged by.</summary>
    private static readonly CanaryScenario Scenario = new() { Replicas = 1, Analysis = new() { Interval = "5s" } };

    private readonly WebApplication gateway;
    private readonly ServiceTable table;
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly Uri address;
    private readonly byte[] question;

    private RealTrials(WebApplication gateway, Uri address, byte[] question)
    {
        (this.gateway, this.address, this.question) = (gateway, address, question);
        table = gateway.Services.GetRequiredService<ServiceTable>();
    }

    public static async Task RunAsync(Figures figures, string trainer, CancellationToken ct)
    {
        using var folder = new Folder(Directory.CreateTempSubdirectory("aidc-bench-canary-").FullName);
        await Repository.RunAsync(trainer, ["make-data", "digits", "--output", folder.Of("data"), "--train", "2000", "--test", "200", "--seed", "1"], ct);
        await Repository.RunAsync(
            trainer,
            ["train", "--task", "image-classification", "--data", folder.Of("data"), "--format", "idx", "--model", "cnn", "--epochs", "1", "--batch-size", "64", "--seed", "1",
                "--checkpoint-dir", folder.Of("run")],
            ct);
        var model = folder.Of("run", "model");
        await using var stable = await ServeAsync(trainer, model, ct);
        await using var trials = await StartAsync(ct);
        trials.Put("stable", 0, stable);
        await trials.LoadAsync(TimeSpan.FromSeconds(20), ct);
        List<CanaryOutcome> outcomes = [];
        for (var i = 0; i < Trials; i++)
        {
            await using var canary = await ServeAsync(trainer, model, ct);
            outcomes.Add(await trials.TryAsync(i + 1, canary, ct));
            AnsiConsole.MarkupLineInterpolated($"  trial {i + 1}: {outcomes[^1].Verdict} after {outcomes[^1].Answered} requests: {outcomes[^1].Message}");
        }
        figures.Set("realTrials", Trials);
        figures.Set("realTrialsRequestsPerSecond", RequestsPerSecond);
        figures.Set("realTrialsRolledBack", outcomes.Count(o => o.IsRolledBack));
        figures.Set("realTrialsPromoted", outcomes.Count(o => o.IsPromoted));
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await gateway.DisposeAsync();
    }

    private static async Task<RealTrials> StartAsync(CancellationToken ct)
    {
        var (http, builder) = (ServerProcess.FreePort(), WebApplication.CreateSlimBuilder());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:HttpPort"] = $"{http}", ["Gateway:GrpcPort"] = $"{ServerProcess.FreePort()}", ["Gateway:AdminPort"] = $"{ServerProcess.FreePort()}",
            ["Gateway:PodName"] = "aidc-gateway-0", ["Gateway:PodUid"] = "uid",
        });
        builder.Services.AddSingleton(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });
        builder.AddGateway();
        // There is no API server that it could watch: what informers would say it is told here.
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.PostConfigure<KubernetesOperatorOptions>(o => o.CacheSyncTimeout = TimeSpan.FromHours(1));
        var app = builder.Build();
        app.MapGateway();
        await app.StartAsync(ct);
        var path = $"/v1/namespaces/{Service.Namespace}/services/{Service.Name}/v2/models/mnist/infer";
        var pixels = string.Join(',', Enumerable.Range(0, 784).Select(i => $"0.{i % 7}"));
        var question = System.Text.Encoding.ASCII.GetBytes($$"""{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,28,28],"data":[{{pixels}}]}]}""");
        return new(app, new Uri($"http://{IPAddress.Loopback}:{http}{path}"), question);
    }

    private static Task<ServerProcess> ServeAsync(string trainer, string model, CancellationToken ct) => ServerProcess.StartAsync(
        trainer,
        (http, grpc) => ["serve", "--model", model, "--format", "aidc", "--name", "mnist", "--http-port", $"{http}", "--grpc-port", $"{grpc}"],
        "/v2/health/ready", new Dictionary<string, string>(), ct);

    private async Task<CanaryOutcome> TryAsync(int trial, ServerProcess server, CancellationToken ct)
    {
        Put("canary", trial, server);
        var memory = new ServiceMemory();
        var status = new CanaryStatus { Revision = "canary", Verdict = CanaryVerdict.Starting };
        var before = Read();
        var weight = 0;
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < Patience;)
        {
            var decision = CanarySimulator.Decide(Scenario, memory, status, Read(), replicas: 1, DateTimeOffset.UtcNow);
            (status, weight) = (decision.Status!, decision.Weight);
            if (status.Verdict is CanaryVerdict.Promoted or CanaryVerdict.RolledBack) break;
            Weigh(weight);
            await LoadAsync(TimeSpan.FromSeconds(1), ct);
        }
        Weigh(0);
        table.Remove(Service.Name, Pod("canary", trial));
        return new(status.Verdict, Answered(Read()) - Answered(before), status.Message);
    }

    /// <summary>Requests that come by chance, whether or not those before are answered.</summary>
    private async Task LoadAsync(TimeSpan time, CancellationToken ct)
    {
        List<Task> open = [];
        var begun = Stopwatch.GetTimestamp();
        for (var next = 0.0; next < time.TotalSeconds; next += -Math.Log(1 - Random.Shared.NextDouble()) / RequestsPerSecond)
        {
            var wait = TimeSpan.FromSeconds(next) - Stopwatch.GetElapsedTime(begun);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, ct);
            open.Add(AskAsync(ct));
        }
        await Task.WhenAll(open);
    }

    private async Task AskAsync(CancellationToken ct)
    {
        using var content = new ByteArrayContent(question);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await client.PostAsync(address, content, ct);
        await answer.Content.ReadAsByteArrayAsync(ct);
    }

    private void Put(string revision, int trial, ServerProcess server)
    {
        Weigh(0);
        table.Put(Service.Name, new(Pod(revision, trial), $"{revision}-{trial}", revision, $"{IPAddress.Loopback}", server.Http.Port, server.Grpc.Port, 64, "/v2/health/ready", Ready: true, Leaving: false));
    }

    private void Weigh(int canary) =>
        table.Configure(new(Service, [new("stable", 100 - canary), new("canary", canary)], TimeSpan.FromSeconds(20), 64, Idempotent: true, null, null));

    private ServiceReading Read() => new(1, true, 0, 0, 0, table.Find(Service)!.Dispatcher.Load().Revisions.ToDictionary(r => r.Revision, r => new RevisionReading(
        (int)r.InFlight, (long)r.ArrivalsTotal, (long)r.CompletedTotal, (long)r.ErrorsTotal, r.ServiceSecondsTotal, [.. r.LatencyBuckets.Select(b => (long)b)])
    {
        Retried = (long)r.RetriedTotal, Left = (long)r.LeftTotal, LeftSeconds = r.LeftSecondsTotal, LogMicroseconds = r.LogMicrosecondsTotal,
    }));

    private static long Answered(ServiceReading reading) => reading.Revisions.GetValueOrDefault("canary")?.Completed ?? 0;

    private static NamespacedName Pod(string revision, int trial) => new(Service.Namespace, $"{revision}-{trial}");

    private sealed record Folder(string Path) : IDisposable
    {
        public string Of(params string[] names) => System.IO.Path.Combine([Path, .. names]);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
