using static AiDc.Coordination.Members.MemberInput;

namespace AiDc.Coordination.Members;

/// <summary>
/// A worker's side of the membership protocol: what happens to it in, what it does out. Pure, so that the code that runs is the code that is
/// explored exhaustively. The training thread says what it enters and how that ended; orders come from the leader at any time between.
/// </summary>
internal static class MemberMachine
{
    public static (MemberState State, IReadOnlyList<MemberAction> Actions) Apply(MemberState state, MemberInput input)
    {
        if (state.Phase == MemberPhase.Exited)
            return (state, []);
        return input switch
        {
            Prepared => state.Phase == MemberPhase.Preparing ? (state with { Phase = MemberPhase.Idle }, []) : (state, []),
            Welcomed m => OnWelcomed(state, m),
            Membership m => IsNews(state, m.Transitions, m.Generation) && state.Prepared ? OnMembership(state, m) : (state, []),
            Hold m => IsNews(state, m.Transitions, m.Generation) ? OnHold(state, m) : (state, []),
            Start m => OnStart(state, m),
            Joined m => OnJoined(state, m),
            JoinFailed m => OnJoinFailed(state, m),
            Begun m => state.InGroup && state.Busy == 0 && m.Generation == state.Generation ? (state with { Busy = m.Generation }, []) : (state, []),
            Committed m => OnRest(state, m.Generation, s => s with { CommittedStep = s.CommittedStep + 1 }),
            Done m => OnRest(state, m.Generation, s => s),
            Failed m => OnFailed(state, m.Generation, m.ClosedRanks, m.Reason, s => s),
            AskedToEnd => OnAskedToEnd(state),
            GraceEnds => Exit(state),
            _ => throw new ArgumentException($"no input of a member: {input}", nameof(input)),
        };
    }

    /// <summary>Of a leader that was not deposed as far as is known, and about a generation that is new.</summary>
    private static bool IsNews(MemberState state, long transitions, long generation) =>
        transitions >= state.Transitions && generation > state.Generation;

    /// <summary>The stream before may have lost its tail, in both directions: what the leader needs to know is said again.</summary>
    private static (MemberState, IReadOnlyList<MemberAction>) OnWelcomed(MemberState state, Welcomed m)
    {
        if (m.Transitions < state.Transitions)
            return (state, []);
        var next = state with { Transitions = m.Transitions };
        List<MemberAction> actions = [];
        if (next.Leaving)
            actions.Add(new MemberAction.SendLeaving());
        if (next is { Phase: MemberPhase.Ready, Busy: 0 })
            actions.Add(Ready(next));
        if (next.Phase == MemberPhase.Broken)
            actions.Add(Broken(next));
        return (next, actions);
    }

    private static (MemberState, IReadOnlyList<MemberAction>) OnMembership(MemberState state, Membership m)
    {
        var next = Superseded(state, m.Transitions, m.Generation) with
        {
            Phase = m.Position is null ? MemberPhase.Idle : MemberPhase.Ready,
            Position = m.Position,
        };
        return Settle(next, Abort(state));
    }

    private static (MemberState, IReadOnlyList<MemberAction>) OnHold(MemberState state, Hold m)
    {
        var next = Superseded(state, m.Transitions, m.Generation) with
        {
            Phase = state.Prepared ? MemberPhase.Holding : MemberPhase.Preparing,
            WritesCheckpoint = m.WritesCheckpoint,
        };
        return Settle(next, Abort(state));
    }

    private static (MemberState, IReadOnlyList<MemberAction>) OnStart(MemberState state, Start m)
    {
        if (m.Transitions < state.Transitions || m.Generation != state.Generation || state is not { Phase: MemberPhase.Ready, Busy: 0 })
            return (state, []);
        var next = state with { Transitions = m.Transitions, Phase = MemberPhase.Joining, Busy = m.Generation };
        return (next, [new MemberAction.Join(m.Generation, m.Owner, m.Synchronise)]);
    }

    private static (MemberState, IReadOnlyList<MemberAction>) OnJoined(MemberState state, Joined m) =>
        OnRest(state, m.Generation, s => s with
        {
            HasState = true,
            CommittedStep = m.CommittedStep,
            Phase = s.Phase == MemberPhase.Joining && s.Generation == m.Generation ? MemberPhase.Training : s.Phase,
        });

    private static (MemberState, IReadOnlyList<MemberAction>) OnJoinFailed(MemberState state, JoinFailed m) =>
        OnFailed(state, m.Generation, m.ClosedRanks, m.Reason, s => m.StateTorn ? s with { HasState = false, CommittedStep = 0, StateGeneration = 0 } : s);

    /// <summary>The training thread has come to rest with what it did; an order that came meanwhile is carried out now.</summary>
    private static (MemberState, IReadOnlyList<MemberAction>) OnRest(MemberState state, long generation, Func<MemberState, MemberState> done)
    {
        if (state.Busy == 0 || state.Busy != generation)
            return (state, []);
        return Settle(done(state) with { Busy = 0, StateGeneration = generation }, []);
    }

    private static (MemberState, IReadOnlyList<MemberAction>) OnFailed(
        MemberState state, long generation, ValueList<int> closed, string reason, Func<MemberState, MemberState> undone)
    {
        if (state.Busy == 0 || state.Busy != generation)
            return (state, []);
        var next = undone(state) with { Busy = 0 };
        if (next.Generation != generation)
            return Settle(next, []);
        next = next with { Phase = MemberPhase.Broken, ClosedRanks = closed, Reason = reason };
        return (next, [Broken(next)]);
    }

    private static (MemberState, IReadOnlyList<MemberAction>) OnAskedToEnd(MemberState state)
    {
        if (state.Leaving)
            return (state, []);
        var next = state with { Leaving = true };
        List<MemberAction> actions = [new MemberAction.SendLeaving()];
        // Each member has the whole state: one of them writes it. While holding the leader has said who.
        if (next is { HasState: true, Position: 0, Phase: not MemberPhase.Holding })
            actions.Add(new MemberAction.WriteCheckpoint());
        return LeaveIfFree(next, actions);
    }

    /// <summary>What the phase asks for once the training thread is at rest.</summary>
    private static (MemberState, IReadOnlyList<MemberAction>) Settle(MemberState state, List<MemberAction> actions)
    {
        if (state is { Busy: 0, Phase: MemberPhase.Ready })
            actions.Add(Ready(state));
        return LeaveIfFree(state, actions);
    }

    /// <summary>Who was asked to end goes once no group needs it.</summary>
    private static (MemberState, IReadOnlyList<MemberAction>) LeaveIfFree(MemberState state, List<MemberAction> actions)
    {
        if (!state.Leaving || state.Busy != 0 || state.Phase is not (MemberPhase.Preparing or MemberPhase.Idle or MemberPhase.Holding))
            return (state, actions);
        if (state is { Phase: MemberPhase.Holding, WritesCheckpoint: true, HasState: true })
            actions.Add(new MemberAction.WriteCheckpoint());
        var (exited, exit) = Exit(state);
        return (exited, [.. actions, .. exit]);
    }

    private static (MemberState, IReadOnlyList<MemberAction>) Exit(MemberState state) =>
        (state with { Phase = MemberPhase.Exited }, [.. Abort(state), new MemberAction.Exit()]);

    private static MemberState Superseded(MemberState state, long transitions, long generation) => state with
    {
        Transitions = transitions, Generation = generation, Position = null, WritesCheckpoint = false, ClosedRanks = default, Reason = "",
    };

    /// <summary>The group that there is or is being made, if any.</summary>
    private static List<MemberAction> Abort(MemberState state) =>
        state.Phase is MemberPhase.Ready or MemberPhase.Joining or MemberPhase.Training or MemberPhase.Broken ? [new MemberAction.AbortGroup(state.Generation)]
        : state.Busy != 0 ? [new MemberAction.AbortGroup(state.Busy)] : [];

    private static MemberAction.SendReady Ready(MemberState state) => new(state.Generation, state.Position!.Value);

    private static MemberAction.SendGroupBroken Broken(MemberState state) => new(state.Generation, state.ClosedRanks, state.Reason);
}
