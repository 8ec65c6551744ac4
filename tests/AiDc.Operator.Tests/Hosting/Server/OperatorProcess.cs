using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AiDc.Operator.Configuration;
using AiDc.Operator.Tests.Coordination;

namespace AiDc.Operator.Tests.Hosting.Server;

/// <summary>The operator as it runs in its pod: a process of its own, with the chart's rights and nothing else.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly string folder;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public OperatorProcess(string pod, params (string Name, string Value)[] environment)
    {
        Pod = pod;
        (MetricsPort, CoordinatorPort) = (Replica.FreePort(), Replica.FreePort());
        folder = Directory.CreateTempSubdirectory("aidc-operator-").FullName;
        var kubeConfig = Path.Combine(folder, "kubeconfig");
        File.WriteAllText(kubeConfig, File.ReadAllText(OperatorPlane.Plane.KubeConfigFile)
            .Replace(OperatorPlane.Plane.AdminToken, OperatorPlane.OperatorToken, StringComparison.Ordinal));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(typeof(OperatorOptions).Assembly.Location);
        var settings = new Dictionary<string, string>
        {
            ["KUBECONFIG"] = kubeConfig, ["POD_NAME"] = pod, ["POD_NAMESPACE"] = OperatorPlane.Namespace, ["POD_IP"] = "127.0.0.1",
            ["Operator__MetricsPort"] = $"{MetricsPort}", ["Operator__CoordinatorPort"] = $"{CoordinatorPort}",
        };
        foreach (var (name, value) in environment)
            settings[name] = value;
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Log.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => Log.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Pod { get; }

    public int MetricsPort { get; }

    public int CoordinatorPort { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    public Uri Plain => new($"http://127.0.0.1:{MetricsPort}");

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var answer = await http.GetAsync(new Uri(Plain, path));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<OperatorProcess> ReadyAsync()
    {
        await AiDc.Testing.Eventually.Assert(IsReadyAsync, TimeSpan.FromSeconds(60), $"{Pod} is ready; its log:\n{string.Join('\n', Log)}");
        return this;
    }

    public async Task LeadsAsync() => await AiDc.Testing.Eventually.Assert(
        async () => (await GetAsync("/metrics")).Body.Contains("\naidc_leader 1\n", StringComparison.Ordinal), TimeSpan.FromSeconds(60), $"{Pod} leads");

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.That(process.HasExited, Is.False, $"{Pod} has ended; its log:\n{string.Join('\n', Log)}");
        try
        {
            return (await GetAsync("/readyz")).Status == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
