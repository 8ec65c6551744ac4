using AiDc.Api;
using static AiDc.Agent.Deciding.AgentInput;

namespace AiDc.Agent.Deciding;

/// <summary>
/// What an agent does when: programs of one generation at a time, started when all members are ready and ended before the next. Pure, so
/// that the code that runs is the code that is explored exhaustively.
/// </summary>
internal static class AgentMachine
{
    public static (AgentState State, IReadOnlyList<AgentAction> Actions) Apply(AgentState state, AgentInput input)
    {
        if (state.Phase == AgentPhase.Exited)
            return (state, []);
        return input switch
        {
            Welcomed m => OnWelcomed(state, m),
            Membership m => IsNews(state, m.Transitions, m.Generation) ? OnMembership(state, m) : (state, []),
            Hold m => IsNews(state, m.Transitions, m.Generation) ? OnSuperseded(Superseded(state, m.Transitions, m.Generation)) : (state, []),
            Start m => OnStart(state, m),
            Ended m => OnEnded(state, m),
            FirstToFail m => (state.Failure is not null && m.Generation == state.Generation ? state with { FailedFirst = true } : state, []),
            Stepped m => OnStepped(state, m),
            GraceEnds m => (state, state.Stopping && m.Generation == state.ProgramsOf ? [new AgentAction.KillPrograms(m.Generation)] : []),
            AskedToEnd => OnAskedToEnd(state),
            LeaveEnds => OnLeaveEnds(state),
            _ => throw new ArgumentException($"no input of an agent: {input}", nameof(input)),
        };
    }

    private static bool IsNews(AgentState state, long transitions, long generation) =>
        transitions >= state.Transitions && generation > state.Generation && state.Phase != AgentPhase.Ending;

    /// <summary>The stream before may have lost its tail: what the leader needs to know is said again.</summary>
    private static (AgentState, IReadOnlyList<AgentAction>) OnWelcomed(AgentState state, Welcomed m)
    {
        if (m.Transitions < state.Transitions)
            return (state, []);
        List<AgentAction> actions = [];
        if (state.Leaving)
            actions.Add(new AgentAction.SendLeaving());
        if (state.Phase == AgentPhase.Ready)
            actions.Add(new AgentAction.SendReady(state.Generation));
        if (state.Phase == AgentPhase.Broken)
            actions.Add(Broken(state));
        return (state with { Transitions = m.Transitions }, actions);
    }

    private static (AgentState, IReadOnlyList<AgentAction>) OnMembership(AgentState state, Membership m)
    {
        // Nobody was lost, and no program failed before ours: it was our own failure, and starting it again is the operator's to decide.
        if (state is { Phase: AgentPhase.Broken, FailedFirst: true } && m.Members == state.Members)
            return End(state with { Transitions = m.Transitions }, state.Failure!.Code, [new AgentAction.ReportFailure(state.Failure)]);
        return OnSuperseded(Superseded(state, m.Transitions, m.Generation) with { Position = m.Position, Members = m.Members });
    }

    /// <summary>Programs of the generation before end first.</summary>
    private static (AgentState, IReadOnlyList<AgentAction>) OnSuperseded(AgentState state)
    {
        if (state.Alive == 0)
            return Settle(state);
        var next = state with { Phase = state.Position is null ? AgentPhase.Idle : AgentPhase.Clearing, Stopping = true };
        return (next, state.Stopping ? [] : [new AgentAction.StopPrograms(state.ProgramsOf)]);
    }

    private static AgentState Superseded(AgentState state, long transitions, long generation) => state with
    {
        Transitions = transitions, Generation = generation, Position = null, Members = default, Failure = null, FailedFirst = false,
    };

    /// <summary>No program lives.</summary>
    private static (AgentState, IReadOnlyList<AgentAction>) Settle(AgentState state)
    {
        var next = state with { ProgramsOf = 0, Alive = 0, Stopping = false };
        if (next.Leaving)
            return End(next, ExitCodes.Terminated, []);
        if (next.Position is null)
            return (next with { Phase = AgentPhase.Idle }, []);
        return (next with { Phase = AgentPhase.Ready }, [new AgentAction.SendReady(next.Generation)]);
    }

    private static (AgentState, IReadOnlyList<AgentAction>) OnStart(AgentState state, Start m)
    {
        if (m.Transitions < state.Transitions || m.Generation != state.Generation || state.Phase != AgentPhase.Ready || state.Leaving)
            return (state, []);
        var next = state with
        {
            Transitions = m.Transitions, Phase = AgentPhase.Running, ProgramsOf = m.Generation, Alive = state.Processes, Stopping = false,
        };
        return (next, [new AgentAction.StartPrograms(m.Generation)]);
    }

    private static (AgentState, IReadOnlyList<AgentAction>) OnEnded(AgentState state, Ended m)
    {
        if (m.Generation != state.ProgramsOf || state.Alive == 0)
            return (state, []);
        var next = state with { Alive = state.Alive - 1 };
        if (next.Phase == AgentPhase.Ending)
            return next.Alive == 0 ? Exit(next, []) : (next, []);
        if (next.Stopping || next.Leaving)
            return next.Alive > 0 ? (next, []) : next.Phase == AgentPhase.Broken ? (Gone(next), []) : Settle(next);
        if (m.Program.Code != 0)
            return OnFailed(next with { Failure = m.Program }, m.Program);
        return next.Alive > 0 ? (next, []) : Exit(next with { ExitCode = ExitCodes.Success }, [new AgentAction.SendFinished()]);
    }

    private static (AgentState, IReadOnlyList<AgentAction>) OnFailed(AgentState state, ProgramEnd program)
    {
        if (!program.MayBeAPeers || state.Members.Count <= 1)
            return End(state, program.Code, [new AgentAction.ClaimFailure(state.Generation), new AgentAction.ReportFailure(program)]);
        var next = state with { Phase = AgentPhase.Broken, Stopping = state.Alive > 0 };
        List<AgentAction> actions = [new AgentAction.ClaimFailure(state.Generation), Broken(next)];
        if (state.Alive > 0)
            actions.Add(new AgentAction.StopPrograms(state.ProgramsOf));
        return (state.Alive > 0 ? next : Gone(next), actions);
    }

    private static (AgentState, IReadOnlyList<AgentAction>) OnStepped(AgentState state, Stepped m) =>
        m.Generation == state.ProgramsOf && state.Phase == AgentPhase.Running && (m.Generation > state.StepGeneration || m.Step > state.Step)
            ? (state with { Step = m.Step, StepGeneration = m.Generation }, [])
            : (state, []);

    /// <summary>
    /// SIGTERM is the word to checkpoint, so programs get it at once; the others go on in the next generation, without this pod. What began
    /// without a group ends now.
    /// </summary>
    private static (AgentState, IReadOnlyList<AgentAction>) OnAskedToEnd(AgentState state)
    {
        if (state.Leaving)
            return (state, []);
        var next = state with { Leaving = true };
        if (next.Alive == 0)
            return End(next, next.Phase == AgentPhase.Broken ? next.Failure!.Code : ExitCodes.Terminated, [new AgentAction.SendLeaving()]);
        return (next, [new AgentAction.SendLeaving(), new AgentAction.ForwardEnd(next.ProgramsOf)]);
    }

    private static (AgentState, IReadOnlyList<AgentAction>) OnLeaveEnds(AgentState state) =>
        state.Leaving ? End(state, ExitCodes.Terminated, []) : (state, []);

    /// <summary>Ends the programs that are left without waiting: the others of the gang wait for the news.</summary>
    private static (AgentState, IReadOnlyList<AgentAction>) End(AgentState state, int code, IReadOnlyList<AgentAction> actions)
    {
        var next = state with { Phase = AgentPhase.Ending, ExitCode = code };
        return next.Alive == 0 ? Exit(next, actions) : (next, [.. actions, new AgentAction.KillPrograms(next.ProgramsOf)]);
    }

    private static (AgentState, IReadOnlyList<AgentAction>) Exit(AgentState state, IReadOnlyList<AgentAction> actions) =>
        (Gone(state) with { Phase = AgentPhase.Exited }, [.. actions, new AgentAction.Exit(state.ExitCode)]);

    private static AgentState Gone(AgentState state) => state with { ProgramsOf = 0, Alive = 0, Stopping = false };

    private static AgentAction.SendGroupBroken Broken(AgentState state) =>
        new(state.Generation, $"a program of this worker ended with exit code {state.Failure!.Code}");
}
