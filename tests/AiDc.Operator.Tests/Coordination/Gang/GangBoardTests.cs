using System.Diagnostics.Metrics;
using AiDc.Coordination.V1;
using AiDc.Operator.Coordination;
using AiDc.Operator.Coordination.Board;
using AiDc.Operator.Membership;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Coordination.Gang;

/// <summary>The board alone, with a clock of the test's.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GangBoardTests : IDisposable
{
    private static readonly JobKey Job = new("team", "digits", "uid-digits");

    private readonly FakeTimeProvider clock = new();
    private readonly FixedLeadership leadership = new("me");
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<JobKey> changes = [];
    private readonly GangBoard board;
    private readonly long started;

    public GangBoardTests()
    {
        started = clock.GetTimestamp();
        leadership.Become(new(true, "me", 4));
        board = new(leadership, new GangMetrics(services.GetRequiredService<IMeterFactory>()), clock);
        board.Changed += changes.Add;
    }

    public void Dispose()
    {
        board.Dispose();
        services.Dispose();
    }

    [Test]
    public void A_heartbeat_that_tells_nothing_new_wakes_nobody_and_a_worker_that_is_prepared_does()
    {
        var worker = new Peer(board, 0, new MemberState());
        changes.Clear();

        worker.Link.Heard(new MemberState());
        Assert.That(changes, Is.Empty);

        worker.Link.Heard(new MemberState { Prepared = true });
        worker.Link.Heard(new MemberState { Prepared = true });
        Assert.That(changes, Is.EqualTo(new[] { Job }));
    }

    [Test]
    public void A_replica_that_takes_a_silent_leaders_lease_knows_which_workers_asked_for_it_meanwhile()
    {
        leadership.Become(new(false, "other", 4));
        Pass(20);
        board.Asked(Identity(0)); // On its way to the leader, as everybody's first question.
        Pass(20);
        var silent = clock.GetTimestamp();
        Pass(3);
        var asked = Ask(0);
        Pass(1);
        Ask(1);
        Pass(2);
        var last = Ask(0);
        Pass(1);
        leadership.Become(new(true, "me", 5) { TakenAfterSilence = clock.GetElapsedTime(silent) });

        var search = board.Get(Job.Uid)!.Search!;
        Assert.That(search.Since, Is.EqualTo(asked));
        Assert.That(search.Asked, Is.EquivalentTo(new Dictionary<string, TimeSpan> { ["pod-0"] = last, ["pod-1"] = asked + TimeSpan.FromSeconds(1) }));
    }

    [Test]
    public void A_leader_that_gave_its_lease_back_was_heard_by_some_until_then()
    {
        leadership.Become(new(false, "other", 4));
        for (var i = 0; i < 10; i++)
        {
            Ask(0);
            Pass(1);
        }
        leadership.Become(new(true, "me", 5));

        var sessions = board.Get(Job.Uid)!;
        Assert.That(sessions.Search!.Since, Is.EqualTo(sessions.LeaderSince));
    }

    [Test]
    public void Who_asked_long_before_the_election_had_found_its_leader()
    {
        leadership.Become(new(false, "other", 4));
        Ask(0);
        Pass(5);
        leadership.Become(new(true, "me", 5) { TakenAfterSilence = TimeSpan.FromSeconds(8) });

        Assert.That(board.Get(Job.Uid)!.Search, Is.Null);
    }

    [Test]
    public void A_leader_that_leads_on_with_a_higher_number_still_knows_its_workers()
    {
        var worker = new Peer(board, 0, Trains(1, 10));
        Form(1, worker);

        // Its lease was deleted, and it made it anew.
        leadership.Become(new(true, "me", 5));
        worker.Link.Heard(Trains(1, 11));

        Assert.That(board.Get(Job.Uid)!.Members.Single().Standing.CommittedStep, Is.EqualTo(11));
        Assert.That(board.Get(Job.Uid)!.Announced!.Value.Generation, Is.EqualTo(1));
    }

    [Test]
    public void The_first_step_of_a_generation_wakes_and_the_next_only_count()
    {
        var worker = new Peer(board, 0, Trains(1, 10));
        Form(1, worker);
        changes.Clear();

        worker.Link.Heard(Trains(1, 11));
        worker.Link.Heard(Trains(1, 12));

        Assert.That(changes, Has.Count.EqualTo(1));
        Assert.That(board.Get(Job.Uid)!.LastAdvance, Is.EqualTo(board.Get(Job.Uid)!.Now));
    }

    [Test]
    public void A_state_taken_over_from_another_is_no_step()
    {
        var worker = new Peer(board, 0, new MemberState { Prepared = true });

        worker.Link.Heard(Trains(1, 500));

        Assert.That(board.Get(Job.Uid)!.LastAdvance, Is.Null);
    }

    [Test]
    public void Silence_wakes_once_and_again_only_after_a_word()
    {
        var worker = new Peer(board, 0, new MemberState());
        changes.Clear();

        Tick(30);
        Assert.That(changes, Has.Count.EqualTo(1));

        worker.Link.Heard(new MemberState());
        Tick(30);
        Assert.That(changes, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_tick_that_comes_late_forgives_and_one_in_time_does_not()
    {
        Tick(10);
        Assert.That(board.Get(Job.Uid)!.ForgivenAt, Is.EqualTo(TimeSpan.Zero));

        clock.Advance(TimeSpan.FromSeconds(2));
        board.Tick();

        Assert.That(board.Get(Job.Uid)!.ForgivenAt, Is.EqualTo(board.Get(Job.Uid)!.Now));
    }

    [Test]
    public void A_stream_that_a_newer_one_has_replaced_says_nothing_any_more_and_its_end_is_no_end()
    {
        var older = new Peer(board, 0, new MemberState());
        var newer = new Peer(board, 0, new MemberState());

        older.Link.Leaving();
        older.Link.Dispose();

        Assert.That(board.Get(Job.Uid)!.Members.Single(), Has.Property(nameof(MemberSession.Connected)).True.And.Property(nameof(MemberSession.Leaving)).False);
        newer.Link.Dispose();
        Assert.That(board.Get(Job.Uid)!.Members.Single().Connected, Is.False);
    }

    [Test]
    public void What_a_worker_makes_up_is_kept_within_bounds()
    {
        var worker = new Peer(board, 0, new MemberState { Generation = long.MaxValue, CommittedStep = -5 });
        worker.Link.Broken(new GroupBroken { Generation = -1, Reason = new string('x', 5000), ClosedRanks = { Enumerable.Range(0, 100_000) } });

        var known = board.Get(Job.Uid)!.Members.Single();
        Assert.That((known.Standing.Generation, known.Standing.CommittedStep), Is.EqualTo((1L << 48, 0)));
        Assert.That((known.Broken!.Reason.Length, known.Broken.ClosedRanks.Count), Is.EqualTo((301, 8192)));
    }

    [Test]
    public void A_thousand_workers_are_started_and_their_heartbeats_cost_next_to_nothing()
    {
        var workers = Enumerable.Range(0, 1000).Select(i => new Peer(board, i, new MemberState { Prepared = true })).ToArray();
        Form(1, workers);
        foreach (var worker in workers)
            worker.Link.Ready(new Ready { Generation = 1, Rendezvous = { ByteString.CopyFromUtf8("x") } });
        Assert.That(workers.Select(w => w.Told[^1].Start?.Rendezvous.Count), Has.All.EqualTo(1000));
        Assert.That(workers[0].Told[0].Membership.CalculateSize(), Is.LessThan(64 * 1024));

        var beat = Trains(1, 1);
        foreach (var worker in workers)
            worker.Link.Heard(beat);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
            foreach (var worker in workers)
                worker.Link.Heard(beat);

        Assert.That((GC.GetAllocatedBytesForCurrentThread() - before) / 10_000, Is.LessThan(100), "bytes a heartbeat");
    }

    [Test]
    public void A_loss_is_counted_and_the_times_to_the_next_start_and_step_are_measured()
    {
        var worker = new Peer(board, 0, Trains(1, 10));
        var measured = new Dictionary<string, (double Value, object? Label)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, services.GetRequiredService<IMeterFactory>()))
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => measured[i.Name] = (value, null));
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => measured[i.Name] = (value, tags.Length > 0 ? tags[0].Value : null));
        listener.Start();

        Form(2, [new(1, "uid-1", null, null, EvictionReason.Silent, true, "")], worker);
        clock.Advance(TimeSpan.FromSeconds(1));
        worker.Link.Ready(new Ready { Generation = 2, HasState = true, CommittedStep = 10, StateGeneration = 1, Rendezvous = { ByteString.CopyFromUtf8("x") } });
        worker.Link.Heard(Trains(2, 10));
        clock.Advance(TimeSpan.FromSeconds(1));
        worker.Link.Heard(Trains(2, 11));

        Assert.That(measured["training_evictions_total"], Is.EqualTo((1.0, (object)"Silent")));
        Assert.That((measured["training_loss_to_start_seconds"].Value, measured["training_loss_to_step_seconds"].Value), Is.EqualTo((1.0, 2.0)));
    }

    private void Tick(int times)
    {
        for (var i = 0; i < times; i++)
        {
            clock.Advance(GangBoard.Interval);
            board.Tick();
        }
    }

    private static WorkerIdentity Identity(int index) => new(Job, 1, index, $"digits-{index}", $"pod-{index}");

    /// <returns>When, by the board's clock, which began with the test.</returns>
    private TimeSpan Ask(int index)
    {
        board.Asked(Identity(index));
        return clock.GetElapsedTime(started);
    }

    private void Pass(double seconds) => clock.Advance(TimeSpan.FromSeconds(seconds));

    private void Form(long generation, params Peer[] workers) => Form(generation, [], workers);

    private void Form(long generation, Eviction[] evicted, params Peer[] workers) => board.Announce(Job, new(
        MembershipChange.Form, new(generation, 1, [.. workers.Select(w => new GangMember(w.Index, $"uid-{w.Index}"))]), FormationCause.Loss, "")
    { Evicted = evicted });

    private static MemberState Trains(long generation, long step) =>
        new() { Prepared = true, Generation = generation, InGroup = true, HasState = true, CommittedStep = step, StateGeneration = generation };

    private sealed class Peer
    {
        public Peer(GangBoard board, int index, MemberState hello)
        {
            Index = index;
            Link = board.Join(new(Job, 1, index, $"digits-worker-{index}-1", $"uid-{index}"), hello, Told.Add);
        }

        public int Index { get; }

        public GangLink Link { get; }

        public List<CoordinatorMessage> Told { get; } = [];
    }
}
