using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiDc.Benchmarks.Serving;

/// <summary>
/// A connection of HTTP/1.1 that sends what it is given and finds the end of each answer: as little work as a client can have, since on a
/// small machine it takes the processor from the server that is measured. Like any client's it is opened anew when the server has closed it,
/// or has said that it will.
/// </summary>
internal sealed class HttpConnection(IPEndPoint server) : IDisposable
{
    private Socket? _socket;
    private byte[] _buffer = new byte[1 << 16];
    private int _filled;

    /// <summary>Connects if need be, and does not wait for the answer.</summary>
    public async ValueTask SendAsync(byte[] request, CancellationToken ct)
    {
        var socket = await ConnectAsync(ct).ConfigureAwait(false);
        for (var sent = 0; sent < request.Length;) sent += socket.Send(request, sent, request.Length - sent, SocketFlags.None);
    }

    public async ValueTask<Socket> ConnectAsync(CancellationToken ct)
    {
        if (_socket is { } open && !(open.Poll(0, SelectMode.SelectRead) && open.Available == 0)) return open;
        Close();
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket = socket;
        await socket.ConnectAsync(server, ct).ConfigureAwait(false);
        return socket;
    }

    /// <returns>The status, and the body, which is good until the next answer is read.</returns>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> ReceiveAsync(CancellationToken ct)
    {
        var socket = _socket ?? throw new InvalidOperationException("nothing was sent");
        while (true)
        {
            var (status, head, length, closes) = Parse();
            if (status > 0 && _filled >= head + length)
            {
                var end = head + length;
                if (_filled > end) throw new InvalidDataException("the server sent more than one answer");
                _filled = 0;
                if (closes) Close();
                return (status, _buffer.AsMemory(head, length));
            }

            if (_filled == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var read = await socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None, ct).ConfigureAwait(false);
            if (read == 0) throw new EndOfStreamException("the server closed the connection");
            _filled += read;
        }
    }

    /// <summary>What comes next is sent over a new connection.</summary>
    public void Close()
    {
        _socket?.Dispose();
        _socket = null;
        _filled = 0;
    }

    public void Dispose() => Close();

    /// <returns>A status of 0 while the head is not there.</returns>
    private (int Status, int Head, int Length, bool Closes) Parse()
    {
        var data = _buffer.AsSpan(0, _filled);
        var end = data.IndexOf("\r\n\r\n"u8);
        if (end < 0) return default;
        var head = data[..(end + 2)];
        if (!Utf8Parser.TryParse(head[9..12], out int status, out _)) throw new InvalidDataException("no answer of HTTP");
        if (!Utf8Parser.TryParse(Header(head, "content-length:"u8), out int length, out _))
            throw new InvalidDataException("an answer without Content-Length, which this client cannot read");
        return (status, end + 4, length, Ascii.EqualsIgnoreCase(Header(head, "connection:"u8), "close"u8));
    }

    /// <returns>Empty if there is none of that name.</returns>
    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        while (head.Length > 0)
        {
            var end = head.IndexOf("\r\n"u8);
            var line = head[..end];
            head = head[(end + 2)..];
            if (line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name)) return line[name.Length..].Trim((byte)' ');
        }

        return default;
    }
}
