using AiDc.Coordination;
using AiDc.Coordination.Members;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Hosting;

namespace AiDc.Trainer.Distributed;

/// <summary>
/// The groups that the leader forms. What to do when is decided by <see cref="MemberMachine"/>; this carries it out: orders come on the
/// stream's thread, and release the training thread from whatever collective it is in.
/// </summary>
internal sealed class CoordinatedGroups : IRankGroups
{
    private readonly object _gate = new();
    private readonly GangLink _link;
    private readonly ICollectiveBackend _backend;
    private readonly GangSettings _settings;
    private readonly ILocalProcesses? _others;
    private readonly StopSignal _stop;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _asked;
    private readonly Dictionary<long, int> _sizes = [];
    private readonly Preparation _preparation;
    private MemberState _state = new();
    private GangOrder.Start? _start;
    private RankGroup? _group;
    private ICollectiveGroup? _collectives;
    private ITimer? _graceEnds;
    private Exception? _failure;
    private bool _join, _exit, _writeCheckpoint;

    /// <param name="others">The other processes of this pod; null when there are none.</param>
    public CoordinatedGroups(
        GangLink link, ICollectiveBackend backend, GangSettings settings, ILocalProcesses? others, StopSignal stop, TimeProvider time)
    {
        (_link, _backend, _settings, _others, _stop, _time) = (link, backend, settings, others, stop, time);
        _preparation = new(backend, others, Answer);
        others?.Listen(
            (generation, addresses) => Guarded(() => _preparation.OthersReady(generation, addresses)),
            (generation, closed, reason) => Guarded(() => OtherBroken(generation, closed, reason)),
            OtherEnded);
        link.Listen(order => Guarded(() => Receive(order)));
        _asked = stop.Token.Register(() => Guarded(() => Apply(new MemberInput.AskedToEnd())));
    }

    private int Processes => 1 + (_others?.Count ?? 0);

    public void Prepared()
    {
        _others?.WaitUntilPrepared(_stop.Token);
        Apply(new MemberInput.Prepared());
    }

    public NextGroup Next(RunPosition position)
    {
        while (true)
        {
            GangOrder.Start start;
            IPendingGroup pending;
            lock (_gate)
            {
                while (!_join && !_exit && _failure is null) Monitor.Wait(_gate);
                if (_failure is not null) throw _failure;
                if (_exit) return new NextGroup.Leave(_writeCheckpoint);
                (_join, start) = (false, _start!);
                pending = _preparation.Connecting();
            }

            if (Connect(start, pending) is { } group) return new NextGroup.Train(group);
        }
    }

    public void Joined(RankGroup group, RunPosition position) => Apply(new MemberInput.Joined(group.Generation, position.Step));

    public void Committed(RankGroup group, RunPosition position) => Apply(new MemberInput.Committed(group.Generation));

    public void Done(RankGroup group, RunPosition position) => Apply(new MemberInput.Done(group.Generation));

    public void Lost(RankGroup group, RunPosition position, CollectiveException error)
    {
        ICollectiveGroup? lost;
        lock (_gate)
        {
            (lost, _collectives, _group) = (_collectives, null, null);
            Apply(new MemberInput.Failed(group.Generation, new([.. error.ClosedRanks]), error.Message));
        }

        if (lost is not null) Background.Dispose(lost);
    }

    public void Dispose()
    {
        _asked.Dispose();
        lock (_gate)
        {
            _graceEnds?.Dispose();
            _preparation.Drop();
            if (_collectives is not null) Background.Dispose(_collectives);
        }
    }

    private RankGroup? Connect(GangOrder.Start start, IPendingGroup pending)
    {
        ICollectiveGroup collectives;
        try
        {
            collectives = pending.Connect(start.Addresses, GangSettings.ConnectTimeout);
        }
        catch (CollectiveException error)
        {
            Apply(new MemberInput.JoinFailed(start.Generation, StateTorn: false, new([.. error.ClosedRanks]), error.Message));
            return null;
        }
        finally
        {
            _preparation.Connected();
            Background.Dispose(pending);
        }

        lock (_gate)
        {
            _collectives = collectives;
            _group = new RankGroup(start.Generation, start.OwnerRank, collectives, _time, endsWithAny: false) { MayEnter = () => MayEnter(start.Generation) };
            // Whatever came meanwhile found no group to abort yet.
            if (_state.Generation != start.Generation || _exit) _group.Abort();
            return _group;
        }
    }

    private bool MayEnter(long generation)
    {
        lock (_gate)
        {
            Apply(new MemberInput.Begun(generation));
            return _state.Busy == generation && _state.Generation == generation;
        }
    }

    private void Receive(GangOrder order)
    {
        lock (_gate)
        {
            switch (order)
            {
                case GangOrder.Welcomed o:
                    Apply(new MemberInput.Welcomed(o.Transitions));
                    break;
                case GangOrder.Membership o:
                    _sizes[o.Generation] = o.Members.Count;
                    Apply(new MemberInput.Membership(o.Transitions, o.Generation, _settings.Identity.PositionIn(o.Members)));
                    break;
                case GangOrder.Start o:
                    if (_state is { Phase: MemberPhase.Ready } && o.Generation == _state.Generation) _start = o;
                    Apply(new MemberInput.Start(o.Transitions, o.Generation, _state.Position == o.OwnerRank / Processes, o.Synchronise));
                    break;
                case GangOrder.Hold o:
                    Apply(new MemberInput.Hold(o.Transitions, o.Generation, o.WritesCheckpoint));
                    break;
            }
        }
    }

    private void Apply(MemberInput input)
    {
        lock (_gate)
        {
            (_state, var actions) = MemberMachine.Apply(_state, input);
            foreach (var action in actions) Perform(action);
            _link.Stand(new()
            {
                Prepared = _state.Prepared,
                Generation = _state.Generation,
                InGroup = _state.InGroup,
                HasState = _state.HasState,
                CommittedStep = _state.CommittedStep,
                StateGeneration = _state.StateGeneration,
            });
            Monitor.PulseAll(_gate);
        }
    }

    private void Perform(MemberAction action)
    {
        switch (action)
        {
            case MemberAction.AbortGroup abort:
                _join = false;
                _group?.Abort();
                _preparation.Drop();
                _others?.Drop(abort.Generation);
                break;
            case MemberAction.SendReady ready:
                Prepare(ready);
                break;
            case MemberAction.Join join:
                _join = true;
                _others?.Start(join.Generation, _start!.Addresses, _start.OwnerRank);
                break;
            case MemberAction.SendGroupBroken broken:
                _link.SendGroupBroken(broken.Generation, broken.ClosedRanks, broken.Reason);
                break;
            case MemberAction.SendLeaving:
                _link.SendLeaving("it was asked to end");
                _others?.AskToEnd();
                _graceEnds ??= _time.CreateTimer(_ => Guarded(() => Apply(new MemberInput.GraceEnds())), null, _settings.LeaveAfter, Timeout.InfiniteTimeSpan);
                break;
            case MemberAction.WriteCheckpoint:
                _writeCheckpoint = true;
                break;
            case MemberAction.Exit:
                _exit = true;
                break;
        }
    }

    private void Prepare(MemberAction.SendReady ready) =>
        _preparation.Prepare(ready.Generation, ready.Position * Processes, _sizes[ready.Generation] * Processes);

    /// <summary>
    /// Carries out what comes on a thread that nobody looks at: the stream's, a timer's, another process's. Whatever goes wrong there ends
    /// the training thread, which says so; nothing is left that looks alive and does nothing.
    /// </summary>
    private void Guarded(Action work)
    {
        try
        {
            work();
        }
#pragma warning disable CA1031 // It is thrown by Next.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Fail(error);
        }
    }

    private void Fail(Exception error)
    {
        lock (_gate)
        {
            _failure ??= error;
            _group?.Abort();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>All processes of the pod listen.</summary>
    private void Answer(long generation, IReadOnlyList<byte[]> addresses)
    {
        lock (_gate)
        {
            if (_state is { Phase: MemberPhase.Ready } && _state.Generation == generation)
                _link.SendReady(generation, _state.HasState, _state.CommittedStep, _state.StateGeneration, addresses);
        }
    }

    /// <summary>Another process of the pod saw it; this one may be waiting for a rank that is alive and waits too.</summary>
    private void OtherBroken(long generation, IReadOnlyList<int> closed, string reason)
    {
        lock (_gate)
        {
            if (_state.Generation != generation) return;
            Apply(new MemberInput.Failed(generation, new([.. closed]), reason));
            _group?.Abort();
        }
    }

    private void OtherEnded(string why, int exitCode) => Fail(new LocalProcessException(why, exitCode));
}
