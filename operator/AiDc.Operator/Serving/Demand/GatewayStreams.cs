using System.Collections.Concurrent;
using AiDc.Operator.Coordination.Sessions;
using AiDc.Serving.V1;
using Grpc.Core;

namespace AiDc.Operator.Serving.Demand;

/// <summary>The streams of gateways that are open, one a gateway, and what gateways are asked over them.</summary>
internal sealed class GatewayStreams
{
    private readonly ConcurrentDictionary<string, Stream> open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Instance, string Address), TaskCompletionSource<bool>> asked = new();

    public SessionRegistry Registry { get; } = new();

    /// <param name="ask">Asks the gateway to look at an address; one call at a time.</param>
    public IDisposable Open(string instance, Func<string, Task> ask)
    {
        var stream = new Stream(this, instance, ask);
        open[instance] = stream;
        return stream;
    }

    public void Saw(string instance, Seen seen)
    {
        if (asked.TryRemove((instance, seen.Address), out var question)) question.TrySetResult(seen.Answers);
    }

    /// <summary>Whether a gateway can connect to an address; null where it does not say.</summary>
    public async Task<bool?> AskAsync(string instance, string address, TimeSpan within, TimeProvider clock, CancellationToken ct)
    {
        if (!open.TryGetValue(instance, out var stream)) return null;
        var question = asked.GetOrAdd((instance, address), static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await stream.AskAsync(address);
            return await question.Task.WaitAsync(within, clock, ct);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or IOException or RpcException or ObjectDisposedException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
        finally
        {
            asked.TryRemove(new((instance, address), question));
        }
    }

    private sealed class Stream(GatewayStreams streams, string instance, Func<string, Task> ask) : IDisposable
    {
        private readonly SemaphoreSlim turn = new(1);

        public async Task AskAsync(string address)
        {
            await turn.WaitAsync();
            try
            {
                await ask(address);
            }
            finally
            {
                turn.Release();
            }
        }

        public void Dispose()
        {
            streams.open.TryRemove(new(instance, this));
            turn.Dispose();
        }
    }
}
