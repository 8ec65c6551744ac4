using AiDc.Coordination.Members;

namespace AiDc.Agent.Deciding;

/// <summary>Where an agent is in the life of its gang.</summary>
internal enum AgentPhase
{
    /// <summary>No membership names it.</summary>
    Idle,

    /// <summary>A membership names it, and programs of an earlier generation have yet to end.</summary>
    Clearing,

    /// <summary>It has answered the membership and waits for the start.</summary>
    Ready,

    /// <summary>Its programs run.</summary>
    Running,

    /// <summary>A program has failed, perhaps because of a peer; the next membership tells.</summary>
    Broken,

    /// <summary>It ends once its programs have.</summary>
    Ending,

    Exited,
}

/// <summary>How a program ended.</summary>
/// <param name="LocalRank">Its place among the programs of this pod.</param>
/// <param name="Code">What it exited with; 128 and the signal's number for one that a signal ended.</param>
/// <param name="Signal">The signal that ended it; 0 where none did.</param>
internal sealed record ProgramEnd(int LocalRank, int Code, int Signal)
{
    private const int Abort = 6;

    /// <summary>
    /// Whether the loss of a peer may have caused it: an uncaught exception of Python ends with 1, and NCCL's watchdog by an abort. A code
    /// that a program chose, or a signal that somebody sent, is its own.
    /// </summary>
    public bool MayBeAPeers => Signal == Abort || (Signal == 0 && Code is 1 or 128 + Abort);
}

/// <summary>All that decides what an agent does next. Immutable.</summary>
internal sealed record AgentState
{
    /// <summary>Programs of this pod.</summary>
    public required int Processes { get; init; }

    public AgentPhase Phase { get; init; } = AgentPhase.Idle;

    /// <summary>The newest leadership seen; whoever has a lower one was deposed.</summary>
    public long Transitions { get; init; }

    /// <summary>The highest membership or hold accepted; 0 before the first.</summary>
    public long Generation { get; init; }

    /// <summary>Its place among the members of <see cref="Generation"/>; null: it is none.</summary>
    public int? Position { get; init; }

    /// <summary>The pods of <see cref="Generation"/>, by rank.</summary>
    public ValueList<string> Members { get; init; }

    /// <summary>The generation whose programs are not all gone yet; 0: there are none.</summary>
    public long ProgramsOf { get; init; }

    /// <summary>Programs that have not ended, of <see cref="ProgramsOf"/>.</summary>
    public int Alive { get; init; }

    /// <summary>The programs were asked to end.</summary>
    public bool Stopping { get; init; }

    /// <summary>The first of this pod's programs that failed in <see cref="ProgramsOf"/> unasked.</summary>
    public ProgramEnd? Failure { get; init; }

    /// <summary>No program of the gang failed before <see cref="Failure"/>; false also where that is not known.</summary>
    public bool FailedFirst { get; init; }

    /// <summary>The pod was asked to end.</summary>
    public bool Leaving { get; init; }

    /// <summary>The highest step that a program reported.</summary>
    public long Step { get; init; }

    /// <summary>The generation in which <see cref="Step"/> was reported.</summary>
    public long StepGeneration { get; init; }

    /// <summary>What the agent ends with, while <see cref="AgentPhase.Ending"/>.</summary>
    public int ExitCode { get; init; }

    public bool InGroup => Phase == AgentPhase.Running && Alive > 0;
}

/// <summary>Something that happens to an agent.</summary>
internal abstract record AgentInput
{
    private AgentInput() { }

    /// <summary>A leader has answered its hello.</summary>
    internal sealed record Welcomed(long Transitions) : AgentInput;

    /// <summary>A new membership. <paramref name="Position"/> is this pod's place in it; null: it is not in it.</summary>
    internal sealed record Membership(long Transitions, long Generation, int? Position, ValueList<string> Members) : AgentInput;

    /// <summary>All members are ready.</summary>
    internal sealed record Start(long Transitions, long Generation) : AgentInput;

    /// <summary>Too few live.</summary>
    internal sealed record Hold(long Transitions, long Generation) : AgentInput;

    internal sealed record Ended(long Generation, ProgramEnd Program) : AgentInput;

    /// <summary>What the gang's store says of who failed first.</summary>
    internal sealed record FirstToFail(long Generation) : AgentInput;

    /// <summary>A program has done so many steps.</summary>
    internal sealed record Stepped(long Generation, long Step) : AgentInput;

    /// <summary>The time that the programs of that generation have to end is over.</summary>
    internal sealed record GraceEnds(long Generation) : AgentInput;

    /// <summary>SIGTERM.</summary>
    internal sealed record AskedToEnd : AgentInput;

    /// <summary>Most of the pod's grace period is over.</summary>
    internal sealed record LeaveEnds : AgentInput;
}

/// <summary>What an agent has to do after something happened. In order.</summary>
internal abstract record AgentAction
{
    private AgentAction() { }

    /// <summary>Opens a store for that generation and sends Ready with its address; again with the same store where there is one.</summary>
    internal sealed record SendReady(long Generation) : AgentAction;

    /// <summary>Starts all programs of this pod. None of an earlier generation lives.</summary>
    internal sealed record StartPrograms(long Generation) : AgentAction;

    /// <summary>Asks all programs to end (SIGTERM), and says <see cref="AgentInput.GraceEnds"/> after the grace.</summary>
    internal sealed record StopPrograms(long Generation) : AgentAction;

    /// <summary>Ends all programs and whatever they started (SIGKILL).</summary>
    internal sealed record KillPrograms(long Generation) : AgentAction;

    /// <summary>Passes the wish that the pod ends on to the programs (SIGTERM).</summary>
    internal sealed record ForwardEnd(long Generation) : AgentAction;

    /// <summary>Writes into the gang's store that this pod's program failed, unless another was before it.</summary>
    internal sealed record ClaimFailure(long Generation) : AgentAction;

    internal sealed record SendGroupBroken(long Generation, string Reason) : AgentAction;

    internal sealed record SendLeaving : AgentAction;

    /// <summary>All programs have ended with 0.</summary>
    internal sealed record SendFinished : AgentAction;

    /// <summary>Leaves the cause where the pod's status finds it.</summary>
    internal sealed record ReportFailure(ProgramEnd Program) : AgentAction;

    internal sealed record Exit(int Code) : AgentAction;
}
