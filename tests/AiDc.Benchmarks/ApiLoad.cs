using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using AiDc.Api.Generator;
using AiDc.Testing;

namespace AiDc.Benchmarks;

/// <summary>The side of a benchmark that a user would be: applies jobs, and counts pods at as little cost to the server as can be.</summary>
internal sealed class ApiLoad : IDisposable
{
    private const int AtOnce = 4;
    private static readonly TimeSpan NothingNewFor = TimeSpan.FromSeconds(60);
    private readonly ControlPlane plane;
    private readonly HttpClient http;

    public ApiLoad(ControlPlane plane)
    {
        this.plane = plane;
        var authority = X509CertificateLoader.LoadCertificateFromFile(plane.CaFile);
        http = new(new SocketsHttpHandler
        {
            SslOptions =
            {
                CertificateChainPolicy = new()
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        })
        {
            BaseAddress = plane.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultRequestHeaders = { Authorization = new("Bearer", plane.AdminToken) },
        };
    }

    public async Task InstallCrdsAsync(CancellationToken ct)
    {
        using var version = JsonDocument.Parse(await GetTextAsync("/version", ct));
        if (!KubeVersion.TryParse(version.RootElement.GetProperty("gitVersion").GetString()!, out var server))
            throw new InvalidOperationException($"the API server's version is not understood: {version.RootElement}");
        var file = Path.Combine(plane.Folder, "crds.yaml");
        await File.WriteAllTextAsync(file, GeneratedFiles.Definitions(server), ct);
        await Repository.RunAsync("kubectl", ["--kubeconfig", plane.KubeConfigFile, "apply", "-f", file], ct);
        await Repository.RunAsync(
            "kubectl",
            ["--kubeconfig", plane.KubeConfigFile, "wait", "--for=condition=Established", "crd/trainingjobs.aidc.dev", "--timeout=30s"], ct);
    }

    public Task CreateNamespaceAsync(string name, CancellationToken ct) =>
        PostAsync("/api/v1/namespaces", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""", ct);

    public Task CreateTrainingJobsAsync(string ns, int jobs, int workers, CancellationToken ct) => CreateAsync(
        $"/apis/aidc.dev/v1alpha1/namespaces/{ns}/trainingjobs",
        jobs,
        i => $$$"""
            {"apiVersion":"aidc.dev/v1alpha1","kind":"TrainingJob","metadata":{"name":"job-{{{i}}}"},
             "spec":{"workers":{"replicas":{{{workers}}} },"template":{"spec": {{{PodSpec}}} } } }
            """,
        ct);

    public Task CreateBatchJobsAsync(string ns, int jobs, int workers, CancellationToken ct) => CreateAsync(
        $"/apis/batch/v1/namespaces/{ns}/jobs",
        jobs,
        i => $$$"""
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"job-{{{i}}}"},
             "spec":{"parallelism":{{{workers}}},"completions":{{{workers}}},"template":{"spec": {{{PodSpec}}} } } }
            """,
        ct);

    /// <returns>Seconds from before the first create until the last pod exists.</returns>
    public async Task<double> TimeAsync(Func<Task> create, string ns, int pods, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        var creating = create();
        await WaitForPodsAsync(ns, pods, ct);
        await creating;
        return clock.Elapsed.TotalSeconds;
    }

    public async Task WaitForPodsAsync(string ns, int pods, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        for (long last = -1, now; (now = await CountPodsAsync(ns, ct)) < pods; last = now)
        {
            if (now > last)
                clock.Restart();
            else if (clock.Elapsed > NothingNewFor)
                throw new TimeoutException($"namespace {ns} has {now} of {pods} pods, and none came for {NothingNewFor.TotalSeconds} s");
            await Task.Delay(50, ct);
        }
    }

    public async Task<string> GetTextAsync(string path, CancellationToken ct) => await http.GetStringAsync(new Uri(path, UriKind.Relative), ct);

    /// <summary>All writes that the API server has served but those of leases, by its own counters.</summary>
    public async Task<double> CountWritesAsync(CancellationToken ct) =>
        (await GetTextAsync("/metrics", ct)).Split('\n')
            .Where(line => line.StartsWith("apiserver_request_total{", StringComparison.Ordinal))
            .Where(line => Writes.Any(verb => line.Contains($"verb=\"{verb}\"", StringComparison.Ordinal)))
            .Where(line => !line.Contains("resource=\"leases\"", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    public void Dispose() => http.Dispose();

    private static readonly string[] Writes = ["POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"];

    private const string PodSpec = """
        {"restartPolicy":"Never","serviceAccountName":"default","containers":[{"name":"trainer","image":"registry.invalid/trainer:1","command":["train"],
         "resources":{"requests":{"cpu":"1","memory":"1Gi"}}}]}
        """;

    /// <summary>A list of one item says how many others there are: the server reads one pod, whatever their number.</summary>
    private async Task<long> CountPodsAsync(string ns, CancellationToken ct)
    {
        using var response = await http.GetAsync(new Uri($"/api/v1/namespaces/{ns}/pods?limit=1", UriKind.Relative), ct);
        response.EnsureSuccessStatusCode();
        using var list = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(ct), cancellationToken: ct);
        var remaining = list.RootElement.GetProperty("metadata").TryGetProperty("remainingItemCount", out var count) ? count.GetInt64() : 0;
        return list.RootElement.GetProperty("items").GetArrayLength() + remaining;
    }

    private async Task CreateAsync(string path, int count, Func<int, string> body, CancellationToken ct) =>
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (i, token) => await PostAsync(path, body(i), token));

    private async Task PostAsync(string path, string body, CancellationToken ct)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content, ct);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"POST {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}");
    }
}
