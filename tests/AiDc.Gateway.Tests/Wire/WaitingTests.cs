using System.Net;
using System.Net.Http.Json;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>Services at zero, and services whose replicas have all that they can bear.</summary>
public sealed class WaitingTests
{
    [Test]
    public async Task At_zero_requests_wait_and_are_answered_once_a_replica_is_there()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Table.Configure(TestGateway.Config());
        var waiting = Enumerable.Range(0, 50).Select(i => gateway.EchoAsync(body: $"{i}")).ToList();
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load() is { Held: 50, Queued: 0, Arrivals: 50 });
        await using var replica = TestReplica.Absent("one");
        replica.Is = TestReplica.Mode.Loading;

        gateway.Table.Put("model", replica.Address);
        await replica.ListenAsync();
        Assert.That(replica.Executed, Is.Empty, "it is not ready");
        replica.Is = TestReplica.Mode.Ready;
        var answers = await Task.WhenAll(waiting);

        Assert.That(answers.Select(a => a.Body), Is.EqualTo(Enumerable.Range(0, 50).Select(i => $"{i}")));
        Assert.That(gateway.Service.Dispatcher.Load(), Is.Not.Null.And.Property("Held").Zero);
    }

    [Test]
    public async Task The_last_replica_ends_while_requests_come_and_a_new_one_answers_them()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var old = await TestReplica.StartAsync("old");
        await using var fresh = await TestReplica.StartAsync("new");
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { Idempotent = false }, old);
        await using var traffic = Traffic.Start(4, id => gateway.SendAsync(id: id));
        await traffic.MoreAsync(50);

        old.Is = TestReplica.Mode.Draining;
        gateway.Table.Put("model", old.Address with { Leaving = true });
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load().Held == 4);
        gateway.Table.Remove("model", old.Address.Pod);
        gateway.Table.Put("model", fresh.Address);
        await traffic.MoreAsync(50);
        await traffic.EndAsync();

        Assert.That(traffic.Failures, Is.Empty);
        Assert.That(old.Executed.Concat(fresh.Executed).Order(), Is.EqualTo(traffic.Answered.Order()), "each once");
    }

    [Test]
    public async Task The_waiting_room_has_an_end()
    {
        await using var gateway = await TestGateway.StartAsync(("Gateway:MaxWaiting", "3"));
        gateway.Table.Configure(TestGateway.Config());
        var waiting = Enumerable.Range(0, 3).Select(_ => gateway.EchoAsync()).ToList();
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load().Held == 3);

        using var refused = await gateway.SendAsync();
        await using var replica = await TestReplica.StartAsync("one");
        gateway.Table.Put("model", replica.Address);
        await Task.WhenAll(waiting);

        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(refused.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(refused.Headers.GetValues("aidc-not-processed"), Is.EqualTo(new[] { "true" }));
    }

    [Test]
    public async Task Nobody_waits_longer_than_they_can()
    {
        await using var gateway = await TestGateway.StartAsync(("Gateway:HoldSeconds", "1"));
        gateway.Table.Configure(TestGateway.Config());

        using var own = await gateway.SendAsync(change: r => r.Headers.Add("aidc-timeout-ms", "50"));
        using var gateways = await gateway.SendAsync();

        Assert.That((own.StatusCode, gateways.StatusCode), Is.EqualTo((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable)));
        Assert.That(gateway.Service.Dispatcher.Load().Waiting, Is.Zero);
    }

    [Test]
    public async Task A_replica_never_has_more_at_once_than_it_may()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var one = await TestReplica.StartAsync("one");
        await using var two = await TestReplica.StartAsync("two");
        one.Work = two.Work = () => Task.Delay(3);
        gateway.Table.Configure(TestGateway.Config(("r1", 100)) with { Concurrency = 5 });
        gateway.Table.Put("model", one.Address with { MaxConcurrency = 2 });
        gateway.Table.Put("model", two.Address);
        await gateway.InAsync(one, two);

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => gateway.EchoAsync()));

        Assert.That(answers, Has.Length.EqualTo(300));
        Assert.That((one.MostAtOnce, two.MostAtOnce), Is.EqualTo((2, 5)));
    }

    [Test]
    public async Task Who_came_first_is_answered_first()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { Concurrency = 1 }, replica);
        var gate = new SemaphoreSlim(0);
        replica.Work = () => gate.WaitAsync();
        var sending = new List<Task<HttpResponseMessage>>();
        for (var i = 0; i < 10; i++)
        {
            sending.Add(gateway.SendAsync(id: $"{i}"));
            await Testing.Eventually.Assert(() => replica.Executed.Count == 1 && gateway.Service.Dispatcher.Load().Waiting == i);
        }

        gate.Release(10);
        foreach (var response in await Task.WhenAll(sending)) response.Dispose();

        Assert.That(replica.Executed, Is.EqualTo(Enumerable.Range(0, 10).Select(i => $"{i}")));
    }

    [Test]
    public async Task Who_left_while_waiting_is_not_counted_as_answered()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Table.Configure(TestGateway.Config());
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/namespaces/ns/services/model/x") { Content = JsonContent.Create(1) };
        var sending = gateway.Client.SendAsync(request, leaving.Token);
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load().Held == 1);

        await leaving.CancelAsync();

        await Assert.ThatAsync(() => sending, Throws.InstanceOf<OperationCanceledException>());
        using var admin = new HttpClient();
        var metrics = "";
        await Testing.Eventually.Assert(async () => (metrics = await admin.GetStringAsync(new Uri(gateway.Admin, "/metrics"))).Contains("aidc_gateway_requests_total{"));
        Assert.That(metrics, Does.Contain("code=\"499\"").And.Not.Contain("code=\"200\""));
    }

    [Test]
    public async Task Who_waits_in_vain_is_told_what_is_wrong_with_the_service()
    {
        await using var gateway = await TestGateway.StartAsync(("Gateway:HoldSeconds", "1"));
        gateway.Table.Configure(TestGateway.Config() with { Trouble = "pod model-1-x: ImagePullBackOff: no such image" });

        using var response = await gateway.SendAsync();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("ImagePullBackOff: no such image"));
    }

    [Test]
    public async Task Who_left_while_waiting_is_not_sent()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Table.Configure(TestGateway.Config());
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/namespaces/ns/services/model/x") { Content = JsonContent.Create(1) };
        var sending = gateway.Client.SendAsync(request, leaving.Token);
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load().Held == 1);

        await leaving.CancelAsync();
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load().Held == 0);
        await using var replica = await TestReplica.StartAsync("one");
        gateway.Table.Put("model", replica.Address);
        await gateway.EchoAsync();

        Assert.That(replica.Executed, Has.Count.EqualTo(1));
        await Assert.ThatAsync(() => sending, Throws.InstanceOf<OperationCanceledException>());
    }
}
