using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>A client that sends just what it is told to, on a connection of its own.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static async Task<RawClient> ConnectAsync(Uri to)
    {
        var client = new RawClient();
        await client.socket.ConnectAsync(IPAddress.Loopback, to.Port);
        return client;
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes)
    {
        using var late = new CancellationTokenSource(Limit);
        await socket.SendAsync(bytes, late.Token);
    }

    /// <summary>Bytes as one part of a chunked body.</summary>
    public async Task ChunkAsync(byte[] bytes)
    {
        await SendAsync(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        await SendAsync(bytes);
        await SendAsync("\r\n");
    }

    /// <summary>All that comes until the server closes the connection.</summary>
    public async Task<string> ReadAsync()
    {
        using var late = new CancellationTokenSource(Limit);
        using var all = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            for (int got; (got = await socket.ReceiveAsync(buffer, late.Token)) > 0;) all.Write(buffer, 0, got);
        }
        catch (SocketException)
        {
            // Reset: what came before counts.
        }
        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>The status of an answer.</summary>
    public static int StatusOf(string answer) => answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0;

    public void Dispose() => socket.Dispose();
}
