using System.Net;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>Replicas that die, end, hang and refuse, and callers that do not notice.</summary>
public sealed class FailoverTests
{
    private readonly List<TestReplica> replicas = [];
    private TestGateway gateway = null!;

    [SetUp]
    public async Task StartAsync() => gateway = await TestGateway.StartAsync();

    [TearDown]
    public async Task StopAsync()
    {
        await gateway.DisposeAsync();
        foreach (var replica in replicas) await replica.DisposeAsync();
        replicas.Clear();
    }

    [Test]
    public async Task A_replica_that_is_killed_fails_no_request()
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        one.Work = two.Work = () => Task.Delay(5);
        await gateway.ServeAsync(one, two);
        await using var traffic = Traffic.Start(8, id => gateway.SendAsync(id: id));
        await traffic.MoreAsync(100);

        await one.KillAsync();
        await traffic.MoreAsync(300);
        await one.ListenAsync();
        await gateway.InAsync(one);
        await traffic.MoreAsync(100);
        await traffic.EndAsync();

        Assert.That(traffic.Failures, Is.Empty);
        Assert.That(one.Executed, Has.Count.GreaterThan(0));
    }

    [Test]
    public async Task A_replica_that_drains_and_ends_fails_no_request_and_none_is_worked_on_twice()
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        one.Work = two.Work = () => Task.Delay(5);
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { Idempotent = false }, one, two);
        await using var traffic = Traffic.Start(8, id => gateway.SendAsync(id: id));
        await traffic.MoreAsync(100);

        one.Is = TestReplica.Mode.Draining;
        await traffic.MoreAsync(200);
        await traffic.EndAsync();

        Assert.That(traffic.Failures, Is.Empty);
        Assert.That(one.Executed.Concat(two.Executed).Order(), Is.EqualTo(traffic.Answered.Order()), "each once");
    }

    [Test]
    public async Task A_replica_that_falls_silent_fails_no_request()
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        await gateway.ServeAsync(one, two);
        await using var traffic = Traffic.Start(8, id => gateway.SendAsync(id: id));
        await traffic.MoreAsync(100);

        one.Is = TestReplica.Mode.Silent;
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load() is { Revisions: [{ InFlight: > 0 }] });
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Find(one.Address.Pod) is { IsUsable: false, InFlight.Count: 0 });
        await traffic.MoreAsync(100);
        await traffic.EndAsync();

        Assert.That(traffic.Failures, Is.Empty);
        Assert.That(gateway.Service.Dispatcher.Load().Unreachable, Is.EqualTo(new[] { one.Address.Pod }), "the operator is told");
    }

    [Test]
    public async Task A_full_replica_is_passed_by_and_when_all_are_full_requests_wait()
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        await gateway.ServeAsync(one, two);
        one.Is = TestReplica.Mode.Full;
        for (var i = 0; i < 20; i++)
            Assert.That((await gateway.EchoAsync()).Replica, Is.EqualTo("two"));

        two.Is = TestReplica.Mode.Full;
        var waiting = gateway.EchoAsync();
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load() is { Queued: 1, Held: 0 });
        one.Is = TestReplica.Mode.Ready;

        Assert.That((await waiting).Replica, Is.EqualTo("one"));
    }

    [Test]
    public async Task What_may_have_been_worked_on_is_not_sent_again_where_that_could_do_harm([Values("POST", "PUT", "DELETE")] string method, [Values] bool withBody)
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { Idempotent = false }, one, two);
        // The connections are there and used: the handler below must not send anything again by itself either.
        for (var i = 0; i < 10; i++) await gateway.EchoAsync();
        var before = one.Executed.Count + two.Executed.Count;
        one.Is = two.Is = TestReplica.Mode.Breaking;

        using var response = await gateway.SendAsync(method: new(method), change: r => r.Content = withBody ? new StringContent("{}") : null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway), await response.Content.ReadAsStringAsync());
        Assert.That(response.Headers.Contains("aidc-not-processed"), Is.False);
        Assert.That(one.Executed.Count + two.Executed.Count - before, Is.EqualTo(1));
    }

    [Test]
    public async Task What_does_no_harm_is_sent_again_but_not_to_every_replica()
    {
        foreach (var name in new[] { "a", "b", "c", "d", "e" }) await ReplicaAsync(name);
        await gateway.ServeAsync([.. replicas]);
        foreach (var replica in replicas) replica.Is = TestReplica.Mode.Breaking;

        using var response = await gateway.SendAsync(id: "poison");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(replicas.Sum(r => r.Executed.Count), Is.EqualTo(1 + Gateway.Attempts.RetryPolicy.MostPaid));
    }

    [Test]
    public async Task An_answer_that_breaks_off_in_the_middle_is_not_passed_for_a_whole_one()
    {
        var one = await ReplicaAsync("one");
        var read = new TaskCompletionSource();
        one.Handler = async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.Body.WriteAsync("half"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await read.Task;
            context.Abort();
        };
        await gateway.ServeAsync(one);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/namespaces/ns/services/model/x");
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[4]);

        read.SetResult();

        await Assert.ThatAsync(() => body.ReadExactlyAsync(new byte[96]).AsTask(), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_deadline_is_kept_and_said()
    {
        var one = await ReplicaAsync("one");
        one.Work = () => Task.Delay(Timeout.Infinite);
        await gateway.ServeAsync(one);

        using var response = await gateway.SendAsync(change: r => r.Headers.Add("aidc-timeout-ms", "100"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("ns/model did not answer in time"));
    }

    [Test]
    public async Task A_deadline_of_the_callers_own_says_nothing_about_the_replica()
    {
        var one = await ReplicaAsync("one");
        one.Work = () => Task.Delay(Timeout.Infinite);
        await gateway.ServeAsync(one);

        for (var i = 0; i < 10; i++) (await gateway.SendAsync(change: r => r.Headers.Add("aidc-timeout-ms", "20"))).Dispose();

        var revision = gateway.Service.Dispatcher.Load().Revisions.Single();
        Assert.That((revision.ErrorsTotal, revision.CompletedTotal), Is.EqualTo((0ul, 0ul)));
        Assert.That(gateway.Service.Dispatcher.Find(one.Address.Pod)!.Outcomes.Failed, Is.Zero);
    }

    [Test]
    public async Task A_replica_that_fails_fast_does_not_get_all_the_requests()
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        one.Handler = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        two.Work = () => Task.Delay(20);
        await gateway.ServeAsync(one, two);
        var failed = 0;

        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            using var response = await gateway.SendAsync();
            if (response.StatusCode != HttpStatusCode.OK) Interlocked.Increment(ref failed);
        });

        Assert.That(failed, Is.LessThan(60), "of 300; it answers twenty times as fast");
        Assert.That(two.Executed, Has.Count.GreaterThan(240));
    }

    [Test]
    public async Task Requests_that_fail_everywhere_take_no_replica_out()
    {
        foreach (var name in new[] { "a", "b", "c", "d" }) await ReplicaAsync(name);
        foreach (var replica in replicas)
            replica.Handler = context =>
            {
                context.Response.StatusCode = 500;
                return Task.CompletedTask;
            };
        await gateway.ServeAsync([.. replicas]);

        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => (await gateway.SendAsync()).Dispose());

        Assert.That(replicas.Count(r => gateway.Service.Dispatcher.Find(r.Address.Pod)!.EjectedUntil > 0), Is.LessThanOrEqualTo(1), "by chance one may be the first to fail five times");
    }

    [Test]
    public async Task A_client_that_leaves_frees_its_place()
    {
        var one = await ReplicaAsync("one");
        one.Work = () => Task.Delay(Timeout.Infinite);
        await gateway.ServeAsync(one);
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/namespaces/ns/services/model/x") { Content = new StringContent("{}") };
        var sending = gateway.Client.SendAsync(request, leaving.Token);
        await Testing.Eventually.Assert(() => one.Executed.Count == 1);

        await leaving.CancelAsync();

        await Assert.ThatAsync(() => sending, Throws.InstanceOf<OperationCanceledException>());
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Find(one.Address.Pod)!.InFlight.Count == 0);
        Assert.That(gateway.Service.Dispatcher.Load().Revisions.Single().ErrorsTotal, Is.Zero, "it was the client's own doing");
    }

    [Test]
    public async Task A_pod_that_is_deleted_gets_nothing_new_although_it_still_answers()
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        await gateway.ServeAsync(one, two);

        gateway.Table.Put("model", one.Address with { Leaving = true });

        for (var i = 0; i < 20; i++)
            Assert.That((await gateway.EchoAsync()).Replica, Is.EqualTo("two"));
    }

    [Test]
    public async Task A_long_body_that_a_draining_replica_refuses_goes_to_another_whole()
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        await gateway.ServeAsync(one, two);
        two.Work = () => Task.Delay(Timeout.Infinite);
        _ = gateway.SendAsync(); // Keeps one of them busier, so that the next goes to the other.
        await Testing.Eventually.Assert(() => one.Executed.Count + two.Executed.Count == 1);
        var (busy, free) = one.Executed.IsEmpty ? (two, one) : (one, two);
        two.Work = () => Task.CompletedTask;
        free.Is = TestReplica.Mode.Draining;

        var seen = await gateway.EchoAsync(body: new string('x', 30_000_000));

        Assert.That((seen.Replica, seen.Body.Length), Is.EqualTo((busy.Name, 30_000_000)));
    }

    private async Task<TestReplica> ReplicaAsync(string name)
    {
        var replica = await TestReplica.StartAsync(name);
        replicas.Add(replica);
        return replica;
    }
}
