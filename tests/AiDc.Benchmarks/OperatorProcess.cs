using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AiDc.Testing;

namespace AiDc.Benchmarks;

/// <summary>The operator as it is in its image, as a process of its own, against an API server of the benchmark's.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(2);
    private readonly Process process;
    private readonly BoundedOutput output;

    private OperatorProcess(Process process, BoundedOutput output, double startSeconds) =>
        (this.process, this.output, StartSeconds) = (process, output, startSeconds);

    /// <summary>The last lines that it logged.</summary>
    public string Log => output.ToString();

    /// <summary>From the start of the process until /readyz answers 200.</summary>
    public double StartSeconds { get; }

    public int Id => process.Id;

    public double RssMiB => long.Parse(
        File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024.0;

    public static async Task<OperatorProcess> StartAsync(ControlPlane plane, CancellationToken ct)
    {
        var port = FreePort();
        // hack/bench.sh publishes the operator as the image has it.
        var program = Environment.GetEnvironmentVariable("AIDC_OPERATOR_PROGRAM")
            ?? throw new InvalidOperationException("AIDC_OPERATOR_PROGRAM is not set: run `make bench NAME=...`");
        var start = new ProcessStartInfo(program)
        {
            Environment =
            {
                ["KUBECONFIG"] = plane.KubeConfigFile,
                ["Operator__Namespace"] = "default",
                ["Operator__MetricsPort"] = port.ToString(CultureInfo.InvariantCulture),
                ["Operator__CoordinatorPort"] = FreePort().ToString(CultureInfo.InvariantCulture),
                ["Operator__CoordinatorAddress"] = "https://127.0.0.1:8443",
                ["Operator__LogLevel"] = "Warning",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        var output = new BoundedOutput(process);
        using var http = new HttpClient();
        while (true)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"the operator ended with {process.ExitCode}:\n{output}");
            try
            {
                using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), ct);
                if (response.IsSuccessStatusCode)
                    return new OperatorProcess(process, output, clock.Elapsed.TotalSeconds);
                if (clock.Elapsed > StartWithin)
                {
                    process.Kill();
                    throw new TimeoutException($"the operator is not ready: {await response.Content.ReadAsStringAsync(ct)}\n{output}");
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(10, ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
