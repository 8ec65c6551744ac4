using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace AiDc.Agent.Stores;

/// <summary>Claims a key in the store of another agent, as a client of it.</summary>
internal static class StoreClaim
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <returns>Whether nobody had claimed it; null where the store is not reached, as when its pod is gone.</returns>
    public static async Task<bool?> TryAsync(string host, int port, string key, byte[] value, TimeProvider time, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(Limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(host, port, ended.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Request(key, value), ended.Token);
            var length = new byte[8];
            await stream.ReadExactlyAsync(length, ended.Token);
            var winner = new byte[Math.Min(BinaryPrimitives.ReadInt64LittleEndian(length), StoreParser.LongestKey)];
            await stream.ReadExactlyAsync(winner, ended.Token);
            return winner.AsSpan().SequenceEqual(value);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Validation, and a comparison with nothing.</summary>
    private static byte[] Request(string key, byte[] value) =>
    [
        (byte)StoreQuery.Validate, .. BitConverter.GetBytes(StoreParser.Magic),
        (byte)StoreQuery.CompareSet, .. Framed(Encoding.Latin1.GetBytes(key)), .. Framed([]), .. Framed(value),
    ];

    private static byte[] Framed(byte[] bytes) => [.. BitConverter.GetBytes((long)bytes.Length), .. bytes];
}
