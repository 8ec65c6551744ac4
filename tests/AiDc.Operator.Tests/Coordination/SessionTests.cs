using AiDc.Coordination.V1;
using AiDc.Operator.Coordination;

namespace AiDc.Operator.Tests.Coordination;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SessionTests
{
    private readonly InMemoryApi api = new();

    [Test]
    public async Task A_worker_of_the_leader_is_heard_and_its_first_step_checkpoint_and_finish_are_told_at_once()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        var changes = new System.Collections.Concurrent.ConcurrentQueue<JobKey>();
        leader.Board.Changed += changes.Enqueue;
        await using var worker = new TestWorker(leader.Address, leader.Endpoint.CaBundle, api.AddWorker("digits", 1, 0));

        worker.AtStep(1);
        await Until.True(() => leader.Board.Get("uid-digits")?.FirstStepAt is not null, "the first step is heard");
        worker.Client.CheckpointSaved(new CheckpointSaved { Generation = 1, Step = 50, Path = "/checkpoint/g1-s50-x", Bytes = 1000, Seconds = 0.2 });
        var finished = new Finished { ResultPath = "/checkpoint/model" };
        finished.Metrics.Add("testAccuracy", 0.99);
        worker.Client.Finished(finished);
        await worker.Client.FlushAsync(TimeSpan.FromSeconds(30));

        var known = leader.Board.Get("uid-digits")!;
        Assert.That(known.Job, Is.EqualTo(new JobKey("team", "digits", "uid-digits")));
        Assert.That(known.Training, Has.Property(nameof(TrainingProgress.Step)).EqualTo(1).And.Property(nameof(TrainingProgress.Loss)).EqualTo(0.5));
        Assert.That(known.Checkpoint, Has.Property(nameof(SavedCheckpoint.Step)).EqualTo(50));
        Assert.That(known.Finished!.Metrics["testAccuracy"], Is.EqualTo(0.99));
        Assert.That(changes, Has.Count.GreaterThanOrEqualTo(3));
    }

    [Test]
    public async Task A_worker_that_dials_a_standby_is_sent_to_the_leader()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var standby = await Replica.StartAsync(api, leads: false);
        standby.Leadership.Become(new(false, leader.Leadership.Identity, 1));
        await using var worker = new TestWorker(standby.Address, standby.Endpoint.CaBundle, api.AddWorker("digits", 1, 0));

        worker.AtStep(7);

        await Until.True(() => leader.Board.Get("uid-digits")?.Training?.Step == 7, "the leader hears");
        Assert.That(standby.Board.Get("uid-digits"), Is.Null);
    }

    [Test]
    public async Task When_the_leader_is_killed_the_worker_finds_the_next_and_what_was_not_acknowledged_arrives_there()
    {
        await using var second = await Replica.StartAsync(api, leads: false);
        var first = await Replica.StartAsync(api, leads: true);
        second.Leadership.Become(new(false, first.Leadership.Identity, 1));
        await using var worker = new TestWorker(second.Address, second.Endpoint.CaBundle, api.AddWorker("digits", 1, 0));
        worker.AtStep(1);
        await Until.True(() => first.Board.Get("uid-digits")?.FirstStepAt is not null, "the first leader hears");

        await first.DisposeAsync();
        worker.Client.CheckpointSaved(new CheckpointSaved { Generation = 1, Step = 90, Path = "/checkpoint/x" });
        worker.AtStep(90);
        second.Leadership.Become(new(true, second.Leadership.Identity, 2));

        await Until.True(() => second.Board.Get("uid-digits") is { Checkpoint.Step: 90, Training.Step: 90 }, "the second leader hears");
    }

    [Test]
    public async Task A_leader_that_was_deposed_without_knowing_it_is_not_listened_to()
    {
        await using var deposed = await Replica.StartAsync(api, leads: true, transitions: 1);
        await using var leader = await Replica.StartAsync(api, leads: true, transitions: 2);
        deposed.Leadership.Become(new(false, leader.Leadership.Identity, 2));
        await using var worker = new TestWorker(deposed.Address, deposed.Endpoint.CaBundle, api.AddWorker("digits", 1, 0));
        worker.AtStep(1);
        await Until.True(() => leader.Board.Get("uid-digits")?.Training?.Step == 1, "the leader hears");

        deposed.Leadership.Become(new(true, deposed.Leadership.Identity, 1));
        await leader.DisposeAsync();

        await worker.Noted("was the leader once");
        Assert.That(deposed.Board.Get("uid-digits"), Is.Null);
    }

    [Test]
    public async Task A_newer_stream_of_the_same_pod_takes_the_place_of_the_older()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        var token = api.AddWorker("digits", 1, 0);
        await using var client = new RawWorker(leader, token);
        using var older = client.Open();
        await older.RequestStream.WriteAsync(RawWorker.Hello());
        Assert.That(await older.ResponseStream.MoveNext(default), Is.True);

        using var newer = client.Open();
        await newer.RequestStream.WriteAsync(RawWorker.Hello());
        Assert.That(await newer.ResponseStream.MoveNext(default), Is.True);

        Assert.That(await older.ResponseStream.MoveNext(default), Is.False, "the older one was ended");
        Assert.That(leader.Sessions.Count, Is.EqualTo(1));
        await newer.RequestStream.WriteAsync(new WorkerMessage { Sequence = 9, CheckpointSaved = new CheckpointSaved { Step = 3 } });
        Assert.That(await newer.ResponseStream.MoveNext(default), Is.True);
        Assert.That(newer.ResponseStream.Current.Acknowledged.Sequence, Is.EqualTo(9));
    }

    [Test]
    public async Task The_end_of_a_replica_ends_its_streams_at_once()
    {
        var leader = await Replica.StartAsync(api, leads: true);
        await using var client = new RawWorker(leader, api.AddWorker("digits", 1, 0));
        using var call = client.Open();
        await call.RequestStream.WriteAsync(RawWorker.Hello());
        Assert.That(await call.ResponseStream.MoveNext(default), Is.True);

        await leader.DisposeAsync();

        Assert.That(await RawWorker.HasEnded(call), Is.True);
    }

    [TestCase("team/other", 1, 0, 1u, "job 'team/other' is not this pod's, which is 'team/digits'")]
    [TestCase("team/digits", 2, 0, 1u, "attempt '2' is not this pod's, which is '1'")]
    [TestCase("team/digits", 1, 3, 1u, "worker index '3' is not this pod's, which is '0'")]
    [TestCase("team/digits", 1, 0, 0u, "protocol version 0 is not spoken here (1 to 2 are)")]
    [TestCase("team/digits", 1, 0, 3u, "protocol version 3 is not spoken here (1 to 2 are)")]
    public async Task A_hello_that_does_not_fit_the_pod_or_the_protocol_is_refused_with_the_reason(
        string job, int attempt, int index, uint protocol, string reason)
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var client = new RawWorker(leader, api.AddWorker("digits", 1, 0));
        using var call = client.Open();

        await call.RequestStream.WriteAsync(new WorkerMessage { Hello = new Hello { Job = job, Attempt = attempt, WorkerIndex = index, ProtocolVersion = protocol } });

        Assert.That(await call.ResponseStream.MoveNext(default), Is.True);
        Assert.That(call.ResponseStream.Current.Refused.Reason, Does.StartWith(reason));
        Assert.That(call.ResponseStream.Current.Refused.Permanent, Is.True);
        Assert.That(await call.ResponseStream.MoveNext(default), Is.False);
    }

    [Test]
    public async Task A_stream_that_reports_without_a_hello_is_refused_and_changes_nothing()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var client = new RawWorker(leader, api.AddWorker("digits", 1, 0));
        using var call = client.Open();

        await call.RequestStream.WriteAsync(new WorkerMessage { Progress = new Progress { Step = 5 } });

        Assert.That(await call.ResponseStream.MoveNext(default), Is.True);
        Assert.That(call.ResponseStream.Current.Refused.Reason, Does.Contain("first message must be Hello"));
        Assert.That(leader.Board.Get("uid-digits"), Is.Null);
    }

    [Test]
    public async Task A_message_larger_than_any_report_ends_the_stream()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var client = new RawWorker(leader, api.AddWorker("digits", 1, 0));
        using var call = client.Open();
        await call.RequestStream.WriteAsync(RawWorker.Hello());
        Assert.That(await call.ResponseStream.MoveNext(default), Is.True);

        await call.RequestStream.WriteAsync(new WorkerMessage { Finished = new Finished { ResultPath = new string('x', 250_000) } });
        Assert.That(await call.ResponseStream.MoveNext(default), Is.True, "just below the limit is fine");
        try
        {
            await call.RequestStream.WriteAsync(new WorkerMessage { Finished = new Finished { ResultPath = new string('x', 300_000) } });
        }
        catch (Grpc.Core.RpcException)
        {
            // The server may be faster with its refusal than the client with its message.
        }

        Assert.That(await RawWorker.HasEnded(call), Is.True);
        Assert.That(leader.Board.Get("uid-digits")!.Finished!.ResultPath, Has.Length.EqualTo(1024));
    }

    [Test]
    public async Task Hostile_metrics_are_cut_down_to_what_a_report_may_hold()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var client = new RawWorker(leader, api.AddWorker("digits", 1, 0));
        using var call = client.Open();
        await call.RequestStream.WriteAsync(RawWorker.Hello());
        var progress = new Progress { Step = 5, TotalSteps = -1, Loss = double.NaN, StepSeconds = 1, SamplesPerSecond = double.PositiveInfinity };
        progress.Metrics.Add("a b\u001b[31m", 1);
        progress.Metrics.Add("infinite", double.PositiveInfinity);
        for (var i = 0; i < 100; i++)
            progress.Metrics.Add($"m{i}", i);

        await call.RequestStream.WriteAsync(new WorkerMessage { Progress = progress });
        await Until.True(() => leader.Board.Get("uid-digits")?.Training is not null, "the report is heard");

        var known = leader.Board.Get("uid-digits")!.Training!;
        Assert.That(known.Metrics, Has.Count.EqualTo(32));
        Assert.That(known.Metrics.Keys, Has.All.StartsWith("m"));
        Assert.That((known.Step, known.TotalSteps, known.Loss, known.SamplesPerSecond), Is.EqualTo(((long?)5, (long?)null, (double?)null, (double?)null)));
    }
}
