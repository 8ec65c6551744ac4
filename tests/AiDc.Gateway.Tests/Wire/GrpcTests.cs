using AiDc.Serving.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>gRPC through the gateway: the service by its metadata, streams in both directions, refusals by their trailers.</summary>
public sealed class GrpcTests
{
    private static readonly Metadata ForModel = new() { { "aidc-service", "ns/model" } };

    [Test]
    public async Task A_stream_in_both_directions_passes_message_by_message()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
        using var channel = GrpcChannel.ForAddress(gateway.Grpc);
        using var call = new AiDc.Serving.V1.Demand.DemandClient(channel).Session(ForModel, DateTime.UtcNow.AddSeconds(30));

        foreach (var word in new[] { "one", "two", "three" })
        {
            await call.RequestStream.WriteAsync(Say(word));
            Assert.That(await call.ResponseStream.MoveNext(default), Is.True);
            Assert.That(call.ResponseStream.Current.Refused.Reason, Is.EqualTo($"one: {word}"));
        }
        await call.RequestStream.CompleteAsync();

        Assert.That(await call.ResponseStream.MoveNext(default), Is.False);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    [TestCase(TestReplica.Mode.Draining)]
    [TestCase(TestReplica.Mode.Full)]
    public async Task A_replica_that_refuses_is_passed_by(object mode)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var one = await TestReplica.StartAsync("one");
        await using var two = await TestReplica.StartAsync("two");
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { Idempotent = false }, one, two);
        one.Is = (TestReplica.Mode)mode;
        using var channel = GrpcChannel.ForAddress(gateway.Grpc);

        for (var i = 0; i < 10; i++)
            Assert.That(await AskAsync(channel, $"{i}"), Is.EqualTo($"two: {i}"));
    }

    [Test]
    public async Task What_the_gateway_answers_itself_is_a_status_of_gRPC()
    {
        await using var gateway = await TestGateway.StartAsync(("Gateway:HoldSeconds", "1"));
        gateway.Table.Configure(TestGateway.Config());
        using var channel = GrpcChannel.ForAddress(gateway.Grpc);

        var none = (await Assert.ThrowsAsync<RpcException>(() => AskAsync(channel, "x")))!;

        Assert.That(none.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(none.Status.Detail, Does.Contain("ns/model has no replica"));
        Assert.That(none.Trailers.GetValue("aidc-not-processed"), Is.EqualTo("true"));
    }

    [Test]
    public async Task A_deadline_is_passed_on()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
        using var channel = GrpcChannel.ForAddress(gateway.Grpc);
        using var call = new AiDc.Serving.V1.Demand.DemandClient(channel).Session(ForModel, DateTime.UtcNow.AddSeconds(4));
        await call.RequestStream.WriteAsync(Say("hello"));
        Assert.That(await call.ResponseStream.MoveNext(default), Is.True);

        var late = (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default)))!;

        Assert.That(late.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Find(replica.Address.Pod)!.InFlight.Count == 0);
    }

    private static async Task<string> AskAsync(GrpcChannel channel, string word)
    {
        using var call = new AiDc.Serving.V1.Demand.DemandClient(channel).Session(ForModel, DateTime.UtcNow.AddSeconds(30));
        await call.RequestStream.WriteAsync(Say(word));
        await call.RequestStream.CompleteAsync();
        return await call.ResponseStream.MoveNext(default) ? call.ResponseStream.Current.Refused.Reason : "";
    }

    private static GatewayMessage Say(string word) => new() { Hello = new Hello { Instance = word } };
}
