using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AiDc.Benchmarks.Serving;

/// <summary>A model server in a process of its own on this machine.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly BoundedOutput _output;

    private ServerProcess(Process process, BoundedOutput output, int http, int grpc) =>
        (_process, _output, Http, Grpc) = (process, output, new(IPAddress.Loopback, http), new(IPAddress.Loopback, grpc));

    public IPEndPoint Http { get; }

    public IPEndPoint Grpc { get; }

    public int Id => _process.Id;

    /// <summary>Processor time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident set.</summary>
    public double MemoryMebibytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>Starts one and waits until it is ready.</summary>
    /// <param name="arguments">Of the ports that it is to listen on, for HTTP and for gRPC.</param>
    /// <param name="ready">The path that answers 200 once it is.</param>
    public static async Task<ServerProcess> StartAsync(
        string program, Func<int, int, IEnumerable<string>> arguments, string ready, IReadOnlyDictionary<string, string> environment, CancellationToken ct)
    {
        var (http, grpc) = (FreePort(), FreePort());
        var start = new ProcessStartInfo(program, arguments(http, grpc)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        var output = new BoundedOutput(process);
        var server = new ServerProcess(process, output, http, grpc);
        try
        {
            await server.WaitUntilReadyAsync(ready, ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitUntilReadyAsync(string path, CancellationToken ct)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < Patience; await Task.Delay(100, ct))
        {
            if (_process.HasExited) break;
            try
            {
                using var answer = await client.GetAsync($"http://{Http}{path}", ct);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !ct.IsCancellationRequested))
            {
                // Not yet.
            }
        }

        throw new InvalidOperationException($"the server did not become ready:\n{_output}");
    }
}
