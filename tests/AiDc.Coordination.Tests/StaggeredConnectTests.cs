using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Coordination.Tests;

public sealed class StaggeredConnectTests
{
    private readonly FakeTimeProvider clock = new();

    [Test]
    public async Task A_later_attempt_reaches_whom_the_first_did_not()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var client = Client();

        var answer = client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"));
        using var late = new TcpListener(IPAddress.Loopback, port);
        late.Start();
        // Without this no attempt comes after the first, which was refused or is on its way to whoever listens now.
        clock.Advance(TimeSpan.FromMilliseconds(150));
        using var peer = await late.AcceptTcpClientAsync();
        await peer.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere"u8.ToArray());

        Assert.That(await answer, Is.EqualTo("here"));
    }

    [Test]
    public async Task Where_nobody_listens_the_last_refusal_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var client = Client();

        var answer = client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"));
        while (!answer.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(150));
            await Task.Yield();
        }

        Assert.That(async () => await answer, Throws.InstanceOf<HttpRequestException>());
    }

    private HttpClient Client() => new(new SocketsHttpHandler { ConnectCallback = new StaggeredConnect(clock).ConnectAsync });
}
