using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using AiDc.Gateway.Replicas;
using AiDc.Serving.V1;

namespace AiDc.Gateway.Demand;

/// <summary>Tries to connect to addresses that the operator cannot reach: whether a machine is gone, or only out of the operator's sight.</summary>
internal sealed class Lookout(DemandWake wake, TimeProvider clock)
{
    /// <summary>At once; the operator asks again.</summary>
    private const int Most = 8;

    private readonly ConcurrentQueue<Seen> seen = new();
    private int looking;

    public bool TryTake([NotNullWhen(true)] out Seen? next) => seen.TryDequeue(out next);

    public void Look(string address, CancellationToken ct)
    {
        if (!IPEndPoint.TryParse(address, out var endpoint) || endpoint.Port == 0) return;
        if (Interlocked.Increment(ref looking) > Most) Interlocked.Decrement(ref looking);
        else _ = LookAsync(address, endpoint, ct);
    }

    private async Task LookAsync(string address, IPEndPoint endpoint, CancellationToken ct)
    {
        try
        {
            seen.Enqueue(new() { Address = address, Answers = await AnswersAsync(endpoint, ct) });
            wake.Set();
        }
        catch (OperationCanceledException)
        {
            // Nobody asks any more.
        }
        finally
        {
            Interlocked.Decrement(ref looking);
        }
    }

    private async Task<bool> AnswersAsync(IPEndPoint endpoint, CancellationToken ct)
    {
        try
        {
            await using var connection = await ReplicaTransport.ConnectAsync(new(endpoint.Address.ToString(), endpoint.Port), clock, ct);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset;
        }
    }
}
