using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace AiDc.Benchmarks.Failover;

/// <summary>One TrainingJob of three workers on three nodes, with its ledger on the nodes' disk.</summary>
internal sealed class ElasticJob : IAsyncDisposable
{
    public const string Namespace = "aidc-bench";
    public const int Workers = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly string folder;

    private ElasticJob(string name, string folder, int epochs) => (Name, this.folder, Epochs) = (name, folder, epochs);

    public string Name { get; }

    public int Epochs { get; }

    public StepLedger Ledger => StepLedger.Read(LedgerFolder);

    public string LedgerFolder => Path.Combine(folder, "ledger");

    /// <summary>An empty namespace, and none of the checkpoints that a run before may have left.</summary>
    public static async Task PrepareAsync(string root, CancellationToken ct)
    {
        await LocalCluster.KubectlAsync(ct, "delete", "namespace", Namespace, "--ignore-not-found", "--wait=true");
        var models = Path.Combine(root, "models");
        if (Directory.Exists(models))
            Directory.Delete(models, recursive: true);
        await LocalCluster.KubectlAsync(ct, "create", "namespace", Namespace);
    }

    /// <param name="elastic">Whether it goes on with fewer workers; else it waits for the replacement with its state in memory.</param>
    /// <param name="workers">Fewer than all give sums of another order.</param>
    public static async Task<ElasticJob> StartAsync(string name, string root, int epochs, int seed, bool elastic, CancellationToken ct, int workers = Workers)
    {
        var job = new ElasticJob(name, Path.Combine(root, "models", name), epochs);
        foreach (var path in new[] { job.folder, job.LedgerFolder })
        {
            Directory.CreateDirectory(path);
            // hostPath volumes ignore fsGroup, and the trainer's user is not root.
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        }
        await LocalCluster.ApplyAsync(job.Manifest(root, epochs, seed, elastic, workers), ct);
        return job;
    }

    public async Task<JsonElement> StatusAsync(CancellationToken ct) =>
        (await LocalCluster.GetAsync(ct, "tj", Name, "-n", Namespace)).TryGetProperty("status", out var status) ? status : default;

    /// <summary>Waits until something holds of the ledger.</summary>
    public async Task<T> UntilAsync<T>(string what, Func<StepLedger, T?> condition, CancellationToken ct)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        var looks = 0;
        while (true)
        {
            if (condition(Ledger) is { } found)
                return found;
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"{Name}: not within {Patience}: {what}\n{await DescribeAsync(ct)}");
            await Task.Delay(100, ct);
            if (++looks % 50 == 0 && await IsOverAsync(ct))
                throw new InvalidOperationException($"{Name} is over before {what}\n{await DescribeAsync(ct)}");
        }
    }

    public async Task<bool> IsOverAsync(CancellationToken ct) =>
        await StatusAsync(ct) is { ValueKind: JsonValueKind.Object } status && status.GetProperty("phase").GetString() is "Succeeded" or "Failed";

    public Task<StepLedger> TrainsAtFullStrengthAsync(int steps, CancellationToken ct) => UntilAsync(
        $"all {Workers} workers train",
        ledger => ledger.Commits.Where(c => c.Generation == ledger.Generation).GroupBy(c => c.Step)
            .Count(step => step.Select(c => c.File).Distinct().Count() == Workers) >= steps ? ledger : null,
        ct);

    /// <summary>Waits for the end.</summary>
    /// <returns>The test accuracy.</returns>
    public async Task<double> SucceedsAsync(CancellationToken ct)
    {
        while (true)
        {
            var status = await StatusAsync(ct);
            var phase = status.ValueKind == JsonValueKind.Object ? status.GetProperty("phase").GetString() : "";
            if (phase == "Succeeded")
                return double.Parse(
                    status.GetProperty("result").GetProperty("metrics").GetProperty("testAccuracy").ToString(), CultureInfo.InvariantCulture);
            if (phase == "Failed")
                throw new InvalidOperationException($"{Name} failed:\n{await DescribeAsync(ct)}");
            await Task.Delay(500, ct);
        }
    }

    /// <summary>The workers that run, by name, with their nodes. The last is not the one that writes checkpoints.</summary>
    public async Task<IReadOnlyList<(string Pod, string Node)>> WorkersAsync(CancellationToken ct)
    {
        var pods = await LocalCluster.GetAsync(ct, "pods", "-n", Namespace, "-l", $"aidc.dev/job={Name}");
        return
        [
            .. pods.GetProperty("items").EnumerateArray()
                .Where(p => !p.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)
                    && p.GetProperty("status").GetProperty("phase").GetString() == "Running")
                .Select(p => (p.GetProperty("metadata").GetProperty("name").GetString()!, p.GetProperty("spec").GetProperty("nodeName").GetString()!))
                .OrderBy(p => p.Item1, StringComparer.Ordinal),
        ];
    }

    public async Task<string> DescribeAsync(CancellationToken ct) =>
        await LocalCluster.KubectlAsync(ct, "-n", Namespace, "get", "tj,pods", "-o", "wide") + "\n"
        + await LocalCluster.KubectlAsync(ct, "-n", Namespace, "get", "tj", Name, "-o", "yaml");

    /// <summary>Deletes the job and waits until nothing of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await LocalCluster.KubectlAsync(CancellationToken.None, "-n", Namespace, "delete", "tj", Name, "--ignore-not-found", "--wait=true");
        var clock = Stopwatch.StartNew();
        while (await LocalCluster.KubectlAsync(CancellationToken.None, "-n", Namespace, "get", "pods,services,leases,secrets", "-l", $"aidc.dev/job={Name}", "-o", "name") is { Length: > 0 } left)
        {
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"{Name} is deleted, and this is left of it:\n{left}");
            await Task.Delay(250);
        }
    }

    // Neither dropout nor batch norm: then the loss of a step depends on the order of sums only, whoever does which part of it.
    private string Manifest(string root, int epochs, int seed, bool elastic, int workers) => $$$"""
        apiVersion: aidc.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: {{{Name}}}, namespace: {{{Namespace}}}}
        spec:
          workers: {replicas: {{{workers}}}{{{(elastic ? $", min: 1, max: {workers}" : "")}}}}
          resources: {cpu: 300m, memory: 2Gi}
          trainer:
            task: image-classification
            model: {name: cnn, dropout: 0}
            data: {uri: "hostpath://{{{root}}}/data", format: idx}
            epochs: {{{epochs}}}
            globalBatchSize: 80
            seed: {{{seed}}}
            optimizer: {name: adam, learningRate: 0.001}
          checkpoint: {uri: "hostpath://{{{folder}}}", every: 10s, keep: 2}
          failure: {maxRestarts: 20}
          template:
            spec:
              containers: [{name: trainer, env: [{name: AIDC_LEDGER_DIR, value: /checkpoint/ledger}]}]
              # One worker a node while there are three: a lost node is then one lost worker.
              topologySpreadConstraints:
              - maxSkew: 1
                topologyKey: kubernetes.io/hostname
                whenUnsatisfiable: ScheduleAnyway
                labelSelector:
                  matchLabels: {aidc.dev/job: "{{{Name}}}"}
        """;
}
