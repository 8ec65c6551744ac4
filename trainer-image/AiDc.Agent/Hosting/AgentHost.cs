using AiDc.Agent.Deciding;
using AiDc.Agent.Local;
using AiDc.Agent.Programs;
using AiDc.Coordination;
using AiDc.Coordination.Members;

namespace AiDc.Agent.Hosting;

/// <summary>
/// What to do when is decided by <see cref="AgentMachine"/>; this carries it out. Orders come on the stream's thread, ends of programs on
/// the pool's: all meet under one lock, and nothing under it blocks.
/// </summary>
internal sealed class AgentHost : IAsyncDisposable
{
    private readonly object gate = new(); // Entered again by orders that answer what is sent.
    private readonly AgentOptions options;
    private readonly GangIdentity identity;
    private readonly IGang gang;
    private readonly GangStore store;
    private readonly AgentPrograms programs;
    private readonly ProgressReports reports;
    private readonly OutputSink log;
    private readonly TimeProvider time;
    private readonly TaskCompletionSource<int> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private readonly List<ITimer> timers = [];
    private readonly Queue<AgentInput> inputs = new();
    private AgentState state;
    private GenerationFacts? facts;
    private GenerationStore? where;
    private GangOrder.Start? start;
    private Task finishing = Task.CompletedTask;
    private bool applying;

    public AgentHost(
        AgentOptions options, GangIdentity identity, IGang gang, string address, AgentPrograms programs, OutputSink log, TimeProvider time)
    {
        (this.options, this.identity, this.gang, this.programs, this.log, this.time) = (options, identity, gang, programs, log, time);
        store = new(address, log.Say, time);
        reports = new(gang);
        state = new() { Processes = options.Launcher is null ? options.Processes : 1 };
        Address = address;
    }

    public string Address { get; }

    /// <summary>Takes part until its programs have ended, or it was asked to end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        programs.Open(Reported, (generation, end) => Apply(new AgentInput.Ended(generation, end)));
        Stand();
        gang.Listen(Receive);
        var code = await exited.Task;
        await finishing;
        return code;
    }

    /// <summary>SIGTERM of the pod.</summary>
    public void AskToEnd() => Apply(new AgentInput.AskedToEnd());

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        lock (gate)
            foreach (var timer in timers)
                timer.Dispose();
        store.Close();
        await programs.DisposeAsync();
        await gang.DisposeAsync();
        stopping.Dispose();
    }

    private void Receive(GangOrder order)
    {
        lock (gate)
        {
            switch (order)
            {
                case GangOrder.Welcomed o:
                    Apply(new AgentInput.Welcomed(o.Transitions));
                    break;
                case GangOrder.Membership o:
                    var uids = new ValueList<string>([.. o.Members.Select(m => m.PodUid)]);
                    Apply(new AgentInput.Membership(o.Transitions, o.Generation, identity.PositionIn(o.Members), uids));
                    break;
                case GangOrder.Start o:
                    if (o.Generation == state.Generation)
                        start = o;
                    Apply(new AgentInput.Start(o.Transitions, o.Generation));
                    break;
                case GangOrder.Hold o:
                    Apply(new AgentInput.Hold(o.Transitions, o.Generation));
                    break;
            }
        }
    }

    private LocalAnswer Reported(LocalReport report)
    {
        lock (gate)
        {
            if (report.Generation == state.ProgramsOf && state.Phase == AgentPhase.Running)
            {
                if (report.Step is { } step)
                    Apply(new AgentInput.Stepped(report.Generation, step));
                reports.Take(report, (int)Math.Min(state.Generation, int.MaxValue), options.Processes);
            }

            return new(state.Leaving || state.Stopping, state.Generation);
        }
    }

    /// <summary>One input after another, also where what is done for one brings the next at once.</summary>
    private void Apply(AgentInput input)
    {
        lock (gate)
        {
            inputs.Enqueue(input);
            if (applying)
                return;
            applying = true;
            try
            {
                while (inputs.TryDequeue(out var next))
                {
                    (state, var actions) = AgentMachine.Apply(state, next);
                    Stand();
                    foreach (var action in actions)
                        Perform(action);
                }
            }
            finally
            {
                applying = false;
            }
        }
    }

    private void Perform(AgentAction action)
    {
        switch (action)
        {
            case AgentAction.SendReady ready:
                Offer(ready.Generation);
                break;
            case AgentAction.StartPrograms begin:
                Start(begin.Generation);
                break;
            case AgentAction.StopPrograms stop:
                log.Say($"ending the programs of generation {stop.Generation}");
                programs.Signal(stop.Generation, Native.SigTerm);
                After(options.Grace, new AgentInput.GraceEnds(stop.Generation));
                break;
            case AgentAction.KillPrograms kill:
                programs.Kill(kill.Generation);
                break;
            case AgentAction.ForwardEnd end:
                programs.Signal(end.Generation, Native.SigTerm);
                break;
            case AgentAction.ClaimFailure claim:
                Claim(claim.Generation);
                break;
            case AgentAction.SendGroupBroken broken:
                log.Say($"{broken.Reason}; waiting for the operator's word");
                gang.SendGroupBroken(broken.Generation, broken.Reason);
                break;
            case AgentAction.SendLeaving:
                gang.SendLeaving();
                After(options.LeaveAfter, new AgentInput.LeaveEnds());
                break;
            case AgentAction.SendFinished:
                finishing = gang.FinishAsync();
                break;
            case AgentAction.ReportFailure failure:
                programs.Report(failure.Program, options.Processes, options.TerminationLog);
                break;
            case AgentAction.Exit exit:
                exited.TrySetResult(exit.Code);
                break;
        }
    }

    private void Offer(long generation)
    {
        // One address for each rank; the first one's is the store that all use.
        var own = store.Offer(generation);
        gang.SendReady(generation, state.Step, state.StepGeneration, [.. Enumerable.Range(0, options.Processes).Select(i => i == 0 ? own : [(byte)' '])]);
    }

    private void Start(long generation)
    {
        if (start is null || start.Generation != generation || start.Addresses.Count == 0 || GangStore.Read(start.Addresses[0]) is not { } master)
        {
            Fail("the first worker's address of the store cannot be read: are all workers of the gang under an agent of this version?");
            return;
        }

        var position = state.Position!.Value;
        where = new(generation, master.Host, master.Port, position == 0);
        facts = new(generation, position, state.Members.Count, options.Processes, master.Host, master.Port, Address);
        log.Say($"generation {generation}: worker {position} of {state.Members.Count}, {(options.Launcher is { } l ? $"{l} once" : $"{options.Processes} of {state.Members.Count * options.Processes} ranks")}, store at {master.Host}:{master.Port}");
        try
        {
            programs.Start(facts, options);
        }
        catch (ProgramStartException e)
        {
            programs.Kill(generation);
            Fail(e.Message, e.ExitCode);
        }
    }

    /// <summary>Nothing that another attempt of this agent could make good.</summary>
    private void Fail(string why, int exitCode = 1)
    {
        log.Say(why);
        programs.Report(why, options.TerminationLog);
        exited.TrySetResult(exitCode);
    }

    private void Claim(long generation)
    {
        if (where is not { } store || store.Generation != generation || state.Position is not { } position)
            return;
        _ = ClaimAsync(store, position);
    }

    private async Task ClaimAsync(GenerationStore at, int position)
    {
        if (await store.ClaimAsync(at, position, stopping.Token))
            Apply(new AgentInput.FirstToFail(at.Generation));
    }

    private void After(TimeSpan delay, AgentInput input) => timers.Add(time.CreateTimer(_ => Apply(input), null, delay, Timeout.InfiniteTimeSpan));

    private void Stand() => gang.Stand(new()
    {
        Prepared = true,
        Generation = state.Generation,
        InGroup = state.InGroup,
        HasState = false,
        CommittedStep = state.Step,
        StateGeneration = state.StepGeneration,
    });
}
