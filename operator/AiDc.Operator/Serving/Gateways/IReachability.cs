using System.Net;
using System.Net.Sockets;

namespace AiDc.Operator.Serving.Gateways;

/// <summary>Whether there is a living machine at an address.</summary>
internal interface IReachability
{
    /// <returns>True also where it refuses the connection.</returns>
    Task<bool> AnswersAsync(IPEndPoint address, CancellationToken ct);
}

/// <summary>By a connection that is closed at once.</summary>
internal sealed class TcpReachability(TimeProvider clock) : IReachability
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<bool> AnswersAsync(IPEndPoint address, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, either.Token);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
