using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiDc.Benchmarks.Serving;

/// <summary>
/// A connection of HTTP/1.1 that sends what it is given and finds the end of each answer: as little work as a client can have, since on a
/// small machine it takes the processor from the server that is measured.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[1 << 16];
    private int _filled;

    /// <summary>When the request under way was to be sent, as a timestamp.</summary>
    public long Intended { get; set; }

    public static HttpConnection Open(IPEndPoint server)
    {
        var connection = new HttpConnection();
        connection._socket.Connect(server);
        return connection;
    }

    /// <summary>Does not wait for the answer.</summary>
    public void Send(byte[] request)
    {
        for (var sent = 0; sent < request.Length;) sent += _socket.Send(request, sent, request.Length - sent, SocketFlags.None);
    }

    /// <returns>The status, and the body, which is good until the next answer is read.</returns>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> ReceiveAsync()
    {
        while (true)
        {
            var (status, head, length) = Parse();
            if (status > 0 && _filled >= head + length)
            {
                var end = head + length;
                if (_filled > end) throw new InvalidDataException("the server sent more than one answer");
                _filled = 0;
                return (status, _buffer.AsMemory(head, length));
            }

            if (_filled == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None).ConfigureAwait(false);
            if (read == 0) throw new EndOfStreamException("the server closed the connection");
            _filled += read;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <returns>A status of 0 while the head is not there.</returns>
    private (int Status, int Head, int Length) Parse()
    {
        var data = _buffer.AsSpan(0, _filled);
        var end = data.IndexOf("\r\n\r\n"u8);
        if (end < 0) return default;
        var head = data[..(end + 2)];
        if (!Utf8Parser.TryParse(head[9..12], out int status, out _)) throw new InvalidDataException("no answer of HTTP");
        return (status, end + 4, ContentLength(head));
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "content-length:"u8;
        while (head.Length > 0)
        {
            var end = head.IndexOf("\r\n"u8);
            var line = head[..end];
            head = head[(end + 2)..];
            if (line.Length <= name.Length || !Ascii.EqualsIgnoreCase(line[..name.Length], name)) continue;
            if (Utf8Parser.TryParse(line[name.Length..].TrimStart((byte)' '), out int length, out _)) return length;
        }

        throw new InvalidDataException("an answer without Content-Length, which this client cannot read");
    }
}
