namespace AiDc.Gateway.Tests.Wire;

/// <summary>Revisions and their shares.</summary>
public sealed class SplitTests
{
    [Test]
    public async Task A_canary_gets_its_share_and_no_more()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var stable = await TestReplica.StartAsync("stable", "r1");
        await using var canary = await TestReplica.StartAsync("canary", "r2");
        await gateway.ServeAsync(TestGateway.Config(("r1", 80), ("r2", 20)), stable, canary);

        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) => await gateway.EchoAsync());

        // 200 on average, with a standard deviation of 12.6.
        Assert.That(canary.Executed, Has.Count.InRange(137, 263));
        var load = gateway.Service.Dispatcher.Load().Revisions.ToDictionary(r => r.Revision);
        Assert.That(load["r1"].ArrivalsTotal + load["r2"].ArrivalsTotal, Is.EqualTo(1000));
        Assert.That(load["r2"].CompletedTotal, Is.EqualTo((ulong)canary.Executed.Count));
        Assert.That(load["r2"].LatencyBuckets.Last(), Is.EqualTo(load["r2"].CompletedTotal));
    }

    [Test]
    public async Task A_canary_gets_no_more_than_its_share_although_the_others_are_busy()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var stable = await TestReplica.StartAsync("stable", "r1");
        await using var canary = await TestReplica.StartAsync("canary", "r2");
        await gateway.ServeAsync(TestGateway.Config(("r1", 80), ("r2", 20)) with { Concurrency = 4 }, stable, canary);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => gateway.EchoAsync()));

        // 100 on average, with a standard deviation of 9; those that stable had room for while the canary was busy are fewer.
        Assert.That(canary.Executed, Has.Count.InRange(20, 145));
        Assert.That(stable.Executed.Count + canary.Executed.Count, Is.EqualTo(500));
    }

    [Test]
    public async Task A_share_that_is_taken_away_is_gone_with_the_next_request()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var stable = await TestReplica.StartAsync("stable", "r1");
        await using var canary = await TestReplica.StartAsync("canary", "r2");
        await gateway.ServeAsync(TestGateway.Config(("r1", 50), ("r2", 50)), stable, canary);
        await gateway.EchoAsync();

        gateway.Table.Configure(TestGateway.Config(("r1", 100), ("r2", 0)));
        var before = canary.Executed.Count;
        for (var i = 0; i < 50; i++) await gateway.EchoAsync();

        Assert.That(canary.Executed, Has.Count.EqualTo(before));
    }

    [Test]
    public async Task A_canary_that_dies_fails_no_request()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var stable = await TestReplica.StartAsync("stable", "r1");
        await using var canary = await TestReplica.StartAsync("canary", "r2");
        stable.Work = canary.Work = () => Task.Delay(5);
        await gateway.ServeAsync(TestGateway.Config(("r1", 50), ("r2", 50)), stable, canary);
        await using var traffic = Traffic.Start(8, id => gateway.SendAsync(id: id));
        await traffic.MoreAsync(100);

        await canary.KillAsync();
        await traffic.MoreAsync(200);
        await traffic.EndAsync();

        Assert.That(traffic.Failures, Is.Empty);
    }

    [Test]
    public async Task Errors_of_a_revision_are_counted_as_its_own()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var stable = await TestReplica.StartAsync("stable", "r1");
        await using var canary = await TestReplica.StartAsync("canary", "r2");
        canary.Handler = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await gateway.ServeAsync(TestGateway.Config(("r1", 50), ("r2", 50)), stable, canary);

        for (var i = 0; i < 100; i++) (await gateway.SendAsync()).Dispose();

        var load = gateway.Service.Dispatcher.Load().Revisions.ToDictionary(r => r.Revision);
        Assert.That(load["r1"].ErrorsTotal, Is.Zero);
        Assert.That(load["r2"].ErrorsTotal, Is.EqualTo(load["r2"].CompletedTotal).And.GreaterThan(0));
    }

    [Test]
    public async Task What_a_revision_breaks_off_is_counted_as_its_own_although_another_answers_the_request()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var stable = await TestReplica.StartAsync("stable", "r1");
        await using var canary = await TestReplica.StartAsync("canary", "r2");
        canary.Is = TestReplica.Mode.Breaking;
        await gateway.ServeAsync(TestGateway.Config(("r1", 50), ("r2", 50)), stable, canary);

        for (var i = 0; i < 100; i++) (await gateway.SendAsync()).Dispose();

        var load = gateway.Service.Dispatcher.Load().Revisions.ToDictionary(r => r.Revision);
        Assert.That(load["r2"].RetriedTotal, Is.GreaterThan(0));
        Assert.That(load["r2"].RetriedTotal + load["r2"].ErrorsTotal, Is.EqualTo((ulong)canary.Executed.Count));
        Assert.That((load["r1"].RetriedTotal, load["r1"].ErrorsTotal), Is.EqualTo((0ul, 0ul)));
    }

    [Test]
    public async Task Callers_who_leave_are_counted_with_the_time_for_which_the_revision_kept_them()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        replica.Work = () => Task.Delay(Timeout.Infinite);
        await gateway.ServeAsync(replica);
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/namespaces/ns/services/model/x") { Content = new StringContent("{}") };
        var sending = gateway.Client.SendAsync(request, leaving.Token);
        await Testing.Eventually.Assert(() => replica.Executed.Count == 1);

        await leaving.CancelAsync();

        await Assert.ThatAsync(() => sending, Throws.InstanceOf<OperationCanceledException>());
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load() is { Revisions: [{ LeftTotal: 1, LeftSecondsTotal: > 0, CompletedTotal: 0 }] });
    }
}
