using System.Net;
using System.Net.Sockets;
using AiDc.Gateway.Tests.Wire;

namespace AiDc.Gateway.Tests.Hosting;

/// <summary>Gateways that are restarted one after the other, with callers that do not notice.</summary>
public sealed class EndTests
{
    [Test]
    public async Task A_gateway_that_ends_fails_no_request_of_callers_that_open_new_connections_elsewhere()
    {
        await using var replica = await TestReplica.StartAsync("one");
        replica.Work = () => Task.Delay(5);
        var old = await TestGateway.StartAsync(("Gateway:DrainSeconds", "2"));
        await using var other = await TestGateway.StartAsync();
        await old.ServeAsync(replica);
        await other.ServeAsync(replica);
        // As a Service does: connections that are there stay, new ones go to gateways that are ready.
        var target = old.Http.Port;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, Volatile.Read(ref target), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        await using var traffic = Traffic.Start(8, id => client.PostAsync("http://gateway/v1/namespaces/ns/services/model/work", new StringContent(id)));
        await traffic.MoreAsync(100);

        var ending = old.StopAsync();
        using var probe = new HttpClient();
        await Testing.Eventually.Assert(async () => (await probe.GetAsync(new Uri(old.Admin, "/readyz"))).StatusCode == HttpStatusCode.ServiceUnavailable);
        Volatile.Write(ref target, other.Http.Port);
        await ending;
        await traffic.MoreAsync(100);
        await traffic.EndAsync();
        await old.DisposeAsync();

        Assert.That(traffic.Failures, Is.Empty);
    }

    [Test]
    public async Task What_is_open_when_it_ends_is_answered()
    {
        await using var replica = await TestReplica.StartAsync("one");
        var gate = new TaskCompletionSource();
        replica.Work = () => gate.Task;
        await using var gateway = await TestGateway.StartAsync();
        await gateway.ServeAsync(replica);
        var open = gateway.EchoAsync();
        await Testing.Eventually.Assert(() => replica.Executed.Count == 1);

        var ending = gateway.StopAsync();
        await Testing.Eventually.Assert(async () => !await ListensAsync(gateway.Http.Port));
        gate.SetResult();

        Assert.That((await open).Replica, Is.EqualTo("one"));
        await ending;
    }

    [Test]
    public async Task Callers_of_HTTP_2_are_told_to_go_and_lose_nothing()
    {
        await using var replica = await TestReplica.StartAsync("one");
        var gateway = await TestGateway.StartAsync(("Gateway:DrainSeconds", "1"));
        await gateway.ServeAsync(replica);
        var connections = 0;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, gateway.Grpc.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        async Task<HttpStatusCode> AskAsync() => (await client.GetAsync("http://gateway/v1/namespaces/ns/services/model/work")).StatusCode;
        for (var i = 0; i < 5; i++) Assert.That(await AskAsync(), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(connections, Is.EqualTo(1));

        var ending = gateway.StopAsync();
        await Testing.Eventually.Assert(async () =>
        {
            Assert.That(await AskAsync(), Is.EqualTo(HttpStatusCode.OK));
            return connections > 1;
        }, what: "a GOAWAY makes the caller connect anew");
        await ending;
        await gateway.DisposeAsync();
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
