using System.Net;
using System.Net.Sockets;
using AiDc.Operator.Serving.Gateways;

namespace AiDc.Operator.Tests.Serving.Gateways;

public sealed class TcpReachabilityTests
{
    [Test]
    public async Task A_machine_that_listens_answers_and_so_does_one_that_refuses()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = (IPEndPoint)listener.LocalEndpoint;
        var reachability = new TcpReachability(TimeProvider.System);

        Assert.That(await reachability.AnswersAsync(address, default), Is.True);
        listener.Stop();
        Assert.That(await reachability.AnswersAsync(address, default), Is.True, "refused");
    }
}
