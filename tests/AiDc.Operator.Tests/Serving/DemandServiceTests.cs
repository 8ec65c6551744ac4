using AiDc.ControllerRuntime;
using AiDc.Operator.Coordination.Trust;
using AiDc.Operator.Tests.Coordination;
using AiDc.Serving.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace AiDc.Operator.Tests.Serving;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DemandServiceTests
{
    private static readonly NamespacedName Digits = new("team", "digits");

    private readonly InMemoryApi api = new();

    [Test]
    public async Task The_leader_hears_a_gateway_and_forgets_it_when_its_stream_ends()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var channel = Dial(leader);
        using var call = Open(channel, Token());
        await call.RequestStream.WriteAsync(new() { Hello = new() { ProtocolVersion = 1, Instance = "gateway-1" } });
        Assert.That(await call.ResponseStream.MoveNext(), Is.True);
        Assert.That((call.ResponseStream.Current.Welcome.ReportIntervalMs, call.ResponseStream.Current.LeaseTransitions), Is.EqualTo((500, 1)));

        await call.RequestStream.WriteAsync(new() { Load = new() { Services = { new ServiceLoad { Service = "team/digits", Held = 3 } } } });
        await Until.True(() => leader.Load.Read(Digits) is { Held: 3, Complete: true }, "the leader hears");

        await call.RequestStream.CompleteAsync();
        await Until.True(() => leader.Load.Read(Digits).Gateways == 0, "it is dropped");
    }

    [Test]
    public async Task A_report_of_the_version_before_that_names_thousands_of_services_is_heard()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var channel = Dial(leader);
        using var call = Open(channel, Token());
        await call.RequestStream.WriteAsync(new() { Hello = new() { ProtocolVersion = 1, Instance = "gateway-1" } });
        Assert.That(await call.ResponseStream.MoveNext(), Is.True);
        Assert.That(call.ResponseStream.Current.Welcome.Changes, Is.True);
        var all = new Load();
        for (var i = 0; i < 20_000; i++) all.Services.Add(new ServiceLoad { Service = $"team/digits-{i}", ArrivalsTotal = 1, Held = 1 });

        await call.RequestStream.WriteAsync(new() { Load = all });

        Assert.That(all.CalculateSize(), Is.GreaterThan(256 * 1024));
        await Until.True(() => leader.Load.Read(new("team", "digits-19999")) is { Held: 1, Complete: true }, "the leader hears");
    }

    [Test]
    public async Task A_standby_names_the_leader()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var standby = await Replica.StartAsync(api, leads: false);
        standby.Leadership.Become(new(false, leader.Leadership.Identity, 4));
        using var channel = Dial(standby);

        var answer = await AnswerAsync(channel, Token(), new() { ProtocolVersion = 1, Instance = "gateway-1" });

        Assert.That((answer.Redirect.Address, answer.LeaseTransitions), Is.EqualTo((leader.Address.ToString().TrimEnd('/'), 4)));
    }

    [TestCase(2u, "gateway-1", "protocol version 2")]
    [TestCase(1u, "", "instance")]
    public async Task A_hello_that_makes_no_sense_is_refused_for_good(uint version, string instance, string why)
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var channel = Dial(leader);

        var answer = await AnswerAsync(channel, Token(), new() { ProtocolVersion = version, Instance = instance });

        Assert.That((answer.Refused.Permanent, answer.Refused.Reason), Is.EqualTo((true, answer.Refused.Reason)));
        Assert.That(answer.Refused.Reason, Does.Contain(why));
    }

    [Test]
    public async Task A_workers_token_is_no_gateways()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var channel = Dial(leader);

        var refused = await RefusedAsync(channel, api.AddWorker("digits", 1, 0));

        Assert.That(refused.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
        Assert.That(refused.Detail, Does.Contain("GatewayServiceAccount"));
    }

    [TestCase(null)]
    [TestCase("nonsense")]
    public async Task Without_a_token_that_is_good_nothing_is_heard(string? token)
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var channel = Dial(leader);

        Assert.That((await RefusedAsync(channel, token)).StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
    }

    [Test]
    public async Task While_the_API_server_is_away_a_gateway_is_asked_to_try_again()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var channel = Dial(leader);
        var token = Token();
        api.Away = true;

        Assert.That((await RefusedAsync(channel, token)).StatusCode, Is.EqualTo(StatusCode.Unavailable));
    }

    private string Token() => api.AddToken("aidc-system", "aidc-gateway-1", "uid-gateway", account: "aidc-gateway");

    private static GrpcChannel Dial(Replica replica) => GrpcChannel.ForAddress(replica.Address, new()
    {
        HttpHandler = new SocketsHttpHandler { SslOptions = CoordinatorTls.Client(() => replica.Trust.Authorities) },
        DisposeHttpClient = true,
    });

    private static AsyncDuplexStreamingCall<GatewayMessage, OperatorMessage> Open(GrpcChannel channel, string? token)
    {
        var headers = new Metadata();
        if (token is not null) headers.Add("authorization", $"Bearer {token}");
        return new Demand.DemandClient(channel).Session(headers);
    }

    private static async Task<Status> RefusedAsync(GrpcChannel channel, string? token)
    {
        try
        {
            await AnswerAsync(channel, token, new() { ProtocolVersion = 1, Instance = "x" });
        }
        catch (RpcException e)
        {
            return e.Status;
        }
        throw new AssertionException("It was let in.");
    }

    private static async Task<OperatorMessage> AnswerAsync(GrpcChannel channel, string? token, Hello hello)
    {
        using var call = Open(channel, token);
        await call.RequestStream.WriteAsync(new() { Hello = hello });
        Assert.That(await call.ResponseStream.MoveNext(), Is.True);
        return call.ResponseStream.Current;
    }
}
