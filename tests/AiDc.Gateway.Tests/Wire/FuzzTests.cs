using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>Requests made by chance. Whatever comes, the next proper request is answered, and no replica was reached that was not meant.</summary>
public sealed class FuzzTests
{
    private const int Requests = 150;

    private static readonly string[] Pieces =
    [
        "/v1/namespaces/", "/services/", "ns", "model", "..", "%2e%2e", "%00", "//", "?", "#", "\\", " ", "é", "%ff", "{}", "\r\n", "aidc-service: ns/model\r\n",
        "Host: x\r\n", "Content-Length: -1\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Expect: 100-continue\r\n",
        "Upgrade: websocket\r\nConnection: Upgrade\r\n", "aidc-timeout-ms: -5\r\n", "aidc-timeout-ms: 99999999999999999999\r\n", "grpc-timeout: 9X\r\n",
        "Content-Type: application/grpc\r\n", "traceparent: 00-x\r\n", "X-Forwarded-For: \t,,,\r\n", "GET", "POST", "CONNECT", "OPTIONS *", "HTTP/1.1\r\n", "HTTP/1.0\r\n", "HTTP/9.9\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0\u0004\0\0\0\0\0",
    ];

    [Test]
    public async Task Whatever_comes_the_next_request_is_answered([Values(1, 2, 3)] int seed, [Values] bool http2)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
        var random = new Random(seed);

        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            byte[] bytes;
            lock (random) bytes = Bytes(random);
            await SendAsync(http2 ? gateway.Grpc.Port : gateway.Http.Port, bytes);
        });

        Assert.That((await gateway.EchoAsync(body: "well")).Body, Is.EqualTo("well"));
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Find(replica.Address.Pod)!.InFlight.Count == 0);
    }

    private static byte[] Bytes(Random random)
    {
        var text = new StringBuilder();
        if (random.Next(3) > 0) text.Append(random.Next(2) == 0 ? "GET " : "POST ").Append("/v1/namespaces/ns/services/model/x HTTP/1.1\r\n");
        for (var pieces = random.Next(1, 15); pieces > 0; pieces--) text.Append(Pieces[random.Next(Pieces.Length)]);
        if (random.Next(2) == 0) text.Append("\r\n\r\n");
        var noise = new byte[random.Next(40)];
        random.NextBytes(noise);
        return [.. Encoding.UTF8.GetBytes(text.ToString()), .. noise];
    }

    private static async Task SendAsync(int port, byte[] bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync(bytes);
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // A connection that is broken off is an answer too.
        }
    }
}
