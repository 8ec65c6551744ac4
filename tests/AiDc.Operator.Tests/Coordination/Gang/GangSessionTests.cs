using AiDc.Coordination.V1;
using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Coordination.Gang;

/// <summary>Membership over real streams: the real decision, the real board, the real wire.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GangSessionTests
{
    private readonly InMemoryApi api = new();
    private readonly GangKeeper.Record record = new();

    [Test]
    public async Task Workers_that_are_prepared_form_a_generation_and_start_once_all_are_ready()
    {
        await using var leader = await Replica.StartAsync(api, leads: true, transitions: 7);
        using var keeper = new GangKeeper(leader.Gangs, record, GangSize.Rigid(2));
        await using var first = await GangWorker.HelloAsync(leader, api, 0);
        await using var second = await GangWorker.HelloAsync(leader, api, 1, new MemberState());
        Assert.That(record.Value, Is.Null, "one of two is prepared");

        await second.BeatAsync(new() { Prepared = true });
        await Until.True(() => first.Memberships.Any() && second.Memberships.Any(), "both are told");

        Assert.That(first.Memberships.Single().Members.Select(m => (m.WorkerIndex, m.PodUid)), Is.EqualTo(new[] { (0, first.PodUid), (1, second.PodUid) }));
        Assert.That(first.Heard, Has.All.Property(nameof(CoordinatorMessage.LeaseTransitions)).EqualTo(7));
        await first.ReadyAsync(1);
        await second.ReadyAsync(1);
        await Until.True(() => first.Starts.Any() && second.Starts.Any(), "both are started");
        var start = first.Starts.Single();
        Assert.That(start, Is.EqualTo(second.Starts.Single()));
        Assert.That(start.Rendezvous.Select(r => r.ToStringUtf8()), Is.EqualTo(new[] { "address of 0 for 1", "address of 1 for 1" }));
        Assert.That((start.Generation, start.OwnerRank, start.Synchronise), Is.EqualTo((1, 0, true)));
    }

    [Test]
    public async Task A_worker_that_dies_is_left_out_and_the_one_with_the_newest_state_owns_it()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var keeper = new GangKeeper(leader.Gangs, record, new(3, 1));
        await using var gang = await TrainingAsync(leader, 3, step: 10);
        await gang[0].TrainsAsync(1, 10);
        await gang[2].TrainsAsync(1, 11);

        await gang[1].DisposeAsync();
        await gang[0].SayAsync(new() { GroupBroken = new GroupBroken { Generation = 1, ClosedRanks = { 1 }, Reason = "connection closed" } });

        await Until.True(() => gang[0].Memberships.Any(m => m.Generation == 2) && gang[2].Memberships.Any(m => m.Generation == 2), "the others go on");
        Assert.That(gang[0].Memberships.Last().Members.Select(m => m.WorkerIndex), Is.EqualTo(new[] { 0, 2 }));
        await gang[0].ReadyAsync(2, new() { Prepared = true, Generation = 2, HasState = true, CommittedStep = 10, StateGeneration = 1 });
        await gang[2].ReadyAsync(2, new() { Prepared = true, Generation = 2, HasState = true, CommittedStep = 11, StateGeneration = 1 });
        await Until.True(() => gang[0].Starts.Any(s => s.Generation == 2), "they are started");
        Assert.That((gang[0].Starts.Last().OwnerRank, gang[0].Starts.Last().Synchronise), Is.EqualTo((1, true)));
    }

    [Test]
    public async Task A_replica_that_takes_over_remembers_which_workers_it_had_to_send_away()
    {
        await using var standby = await Replica.StartAsync(api, leads: false);
        await using var worker = new RawWorker(standby, api.AddWorker("digits", 1, 0));
        using var call = worker.Open();
        await call.RequestStream.WriteAsync(new()
        {
            Hello = new Hello { Job = "team/digits", Attempt = 1, WorkerIndex = 0, ProtocolVersion = 2, Member = new() { Prepared = true } },
        });
        Assert.That(await call.ResponseStream.MoveNext(default) && call.ResponseStream.Current.Redirect is not null, "sent away");

        standby.Leadership.Become(new(true, standby.Leadership.Identity, 8) { TakenAfterSilence = TimeSpan.FromSeconds(8) });

        Assert.That(standby.Gangs.Get("uid-digits")!.Search!.Asked.Keys, Is.EqualTo(["uid-digits-0-1"]));
    }

    [Test]
    public async Task A_rigid_gang_holds_and_goes_on_once_there_are_enough()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var keeper = new GangKeeper(leader.Gangs, record, GangSize.Rigid(2));
        await using var gang = await TrainingAsync(leader, 2, step: 5);

        await gang[1].DisposeAsync();
        await Until.True(() => gang[0].Holds.Any(), "the survivor is told to hold");
        Assert.That(gang[0].Holds.Single(), Has.Property(nameof(Hold.Generation)).EqualTo(2).And.Property(nameof(Hold.WritesCheckpoint)).True);
        await gang[0].BeatAsync(new() { Prepared = true, Generation = 2, HasState = true, CommittedStep = 5, StateGeneration = 1 });
        await using var back = await GangWorker.HelloAsync(leader, api, 1);

        await Until.True(() => back.Memberships.Any(m => m.Generation == 3), "who comes back is a member");
        Assert.That(record.Value!.Members, Is.EqualTo(new[] { new GangMember(0, gang[0].PodUid, true), new GangMember(1, back.PodUid, true) }));
    }

    [Test]
    public async Task Who_reconnects_before_the_start_reached_it_is_ready_again_and_gets_the_same_start()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var keeper = new GangKeeper(leader.Gangs, record, GangSize.Rigid(2));
        await using var gang = await FormedAsync(leader, 2);
        await gang[0].ReadyAsync(1);
        await gang[1].DisposeAsync();

        await using var again = await GangWorker.HelloAsync(leader, api, 1, new() { Prepared = true, Generation = 1 });
        await again.ReadyAsync(1);
        await Until.True(() => gang[0].Starts.Any() && again.Starts.Any(), "both are started");
        await again.DisposeAsync();
        await using var third = await GangWorker.HelloAsync(leader, api, 1, new() { Prepared = true, Generation = 1 });
        await third.ReadyAsync(1);
        await Until.True(() => third.Starts.Any(), "it is told again");

        Assert.That(third.Starts.Single(), Is.EqualTo(gang[0].Starts.Single()));
        Assert.That(third.Memberships, Is.Empty, "it has accepted that one");
        Assert.That(record.Value!.Generation, Is.EqualTo(1));
    }

    [Test]
    public async Task Who_was_away_while_a_generation_was_formed_is_told_with_its_welcome()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var keeper = new GangKeeper(leader.Gangs, record, new(2, 1));
        await using var gang = await TrainingAsync(leader, 2, step: 5);
        await gang[1].DisposeAsync();
        await Until.True(() => record.Value!.Generation == 2, "the other goes on alone");

        await using var late = await GangWorker.HelloAsync(leader, api, 1, gang[1].State);

        await Until.True(() => late.Memberships.Any(), "it is told that it is out");
        Assert.That(late.Memberships.First().Members.Select(m => m.WorkerIndex), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public async Task A_new_leader_leaves_a_gang_that_trains_alone_and_forms_a_new_generation_where_the_start_was_lost()
    {
        await using var next = await Replica.StartAsync(api, leads: false);
        await using var leader = await Replica.StartAsync(api, leads: true);
        var keeper = new GangKeeper(leader.Gangs, record, GangSize.Rigid(2));
        await using (var gang = await TrainingAsync(leader, 2, step: 5))
            keeper.Dispose();
        leader.Leadership.Become(new(false, null, 1));
        next.Leadership.Become(new(true, next.Leadership.Identity, 2));
        using var nextKeeper = new GangKeeper(next.Gangs, record, GangSize.Rigid(2));

        var trains = new MemberState { Prepared = true, Generation = 1, InGroup = true, HasState = true, CommittedStep = 6, StateGeneration = 1 };
        await using var first = await GangWorker.HelloAsync(next, api, 0, trains);
        await using var second = await GangWorker.HelloAsync(next, api, 1, trains);
        await first.TrainsAsync(1, 7);
        await Until.True(() => next.Gangs.Get(GangKeeper.Job.Uid)!.LastAdvance is not null, "the new leader hears a step");
        Assert.That(record.Value!.Generation, Is.EqualTo(1), "a gang that trains is left alone");

        await second.BeatAsync(new() { Prepared = true, Generation = 1, HasState = true, CommittedStep = 7, StateGeneration = 1 });
        await Until.True(() => first.Memberships.Any(m => m.Generation == 2) && second.Memberships.Any(m => m.Generation == 2), "they form anew");
        Assert.That(first.Starts, Is.Empty, "not a second start of the same generation");
    }

    [Test]
    public async Task A_leader_that_loses_the_lease_ends_its_streams_knows_nobody_and_tells_nothing()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var keeper = new GangKeeper(leader.Gangs, record, GangSize.Rigid(2));
        await using var gang = await TrainingAsync(leader, 2, step: 5);

        leader.Leadership.Become(new(false, "somebody_10.0.0.1:1_x", 2));
        await Until.True(() => gang[0].Ended && gang[1].Ended, "the streams end");
        leader.Gangs.Announce(GangKeeper.Job, new(MembershipChange.Form, new(9, 1, []), FormationCause.Loss, ""));
        Assert.That(leader.Gangs.Get(GangKeeper.Job.Uid), Is.Null);
        leader.Leadership.Become(new(true, leader.Leadership.Identity, 3));

        Assert.That(leader.Gangs.Get(GangKeeper.Job.Uid), Has.Property(nameof(GangSessions.Members)).Empty.And.Property(nameof(GangSessions.Announced)).Null);
    }

    [Test]
    public async Task A_leader_that_was_deposed_cannot_write_what_it_decided_before_and_so_tells_nobody()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var keeper = new GangKeeper(leader.Gangs, record, new(2, 1));
        await using var gang = await TrainingAsync(leader, 2, step: 5);
        var seen = record.Value;
        keeper.Paused = true;

        Assert.That(record.Write(seen, new(2, 1, [new(0, gang[0].PodUid, true)])), Is.True, "the next leader was faster");

        Assert.That(record.Write(seen, new(2, 1, [new(1, gang[1].PodUid, true)])), Is.False);
        Assert.That(gang[0].Memberships.Concat(gang[1].Memberships).Select(m => m.Generation).Distinct(), Is.EqualTo(new[] { 1L }));
    }

    [Test]
    public async Task A_worker_of_the_version_before_trains_alone_and_is_on_no_gangs_board()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var worker = new TestWorker(leader.Address, leader.Endpoint.CaBundle, api.AddWorker("digits", 1, 0));

        worker.AtStep(3);

        await Until.True(() => leader.Board.Get("uid-digits")?.Training?.Step == 3, "it is heard");
        Assert.That(leader.Gangs.Get("uid-digits")!.Members, Is.Empty);
    }

    private async Task<Gang> FormedAsync(Replica leader, int count)
    {
        var gang = new Gang();
        for (var i = 0; i < count; i++)
            gang.Add(await GangWorker.HelloAsync(leader, api, i));
        await Until.True(() => gang.TrueForAll(w => w.Memberships.Any()), "a generation is formed");
        return gang;
    }

    private async Task<Gang> TrainingAsync(Replica leader, int count, long step)
    {
        var gang = await FormedAsync(leader, count);
        foreach (var worker in gang)
            await worker.ReadyAsync(1);
        await Until.True(() => gang.TrueForAll(w => w.Starts.Any()), "it is started");
        foreach (var worker in gang)
            await worker.TrainsAsync(1, step);
        await Until.True(() => leader.Gangs.Get(GangKeeper.Job.Uid)!.Members.All(m => m.Standing.InGroup), "it trains");
        return gang;
    }

    private sealed class Gang : List<GangWorker>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var worker in this)
                await worker.DisposeAsync();
        }
    }
}
