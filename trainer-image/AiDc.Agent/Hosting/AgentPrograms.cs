using System.Net.Sockets;
using System.Text;
using AiDc.Agent.Deciding;
using AiDc.Agent.Local;
using AiDc.Agent.Programs;

namespace AiDc.Agent.Hosting;

/// <summary>The programs of this pod, their way to the agent, and what is left of one that failed.</summary>
/// <param name="own">The agent's environment.</param>
/// <param name="run">A name of the run for torch, which does not change with generations.</param>
internal sealed class AgentPrograms(
    IReadOnlyDictionary<string, string> own, string run, string socketFile, OutputSink log, TimeProvider time) : IAsyncDisposable
{
    private readonly ContainerMemory memory = new();
    private readonly Dictionary<int, RunningProgram> latest = [];
    private readonly Lock gate = new();
    private ProgramTable? table;
    private LocalEndpoint? endpoint;
    private long kills;

    public void Open(Func<LocalReport, LocalAnswer> reported, Action<long, ProgramEnd> ended)
    {
        try
        {
            endpoint = LocalEndpoint.Open(socketFile, reported);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            log.Say($"{socketFile}: programs cannot report ({e.Message}); name a folder that can be written with {AgentOptions.FolderVariable}");
        }

        table = new(log, time, (program, end) =>
        {
            if (end.Code != 0)
                log.Say(FailureReport.Cause(end, program.Rank, 2, outOfMemory: false, null));
            ended(program.Generation, end);
        });
    }

    /// <exception cref="ProgramStartException">One could not be started; others may have been.</exception>
    public void Start(GenerationFacts facts, AgentOptions options)
    {
        kills = memory.Kills();
        var count = options.Launcher is null ? options.Processes : 1;
        for (var i = 0; i < count; i++)
        {
            var variables = options.Launcher is null
                ? ProgramEnvironment.OfRank(own, facts, i, run, endpoint?.Path)
                : ProgramEnvironment.OfLauncher(own, facts, run, endpoint?.Path);
            var program = table!.Start(facts.Generation, i, (facts.Position * count) + i, count > 1, options.Command, variables);
            lock (gate)
                latest[i] = program;
        }
    }

    public void Signal(long generation, int signal) => table!.Signal(generation, signal);

    /// <summary>A Python program that hangs says where, if it was told to (PYTHONFAULTHANDLER): it is aborted first.</summary>
    public void Kill(long generation)
    {
        table!.Signal(generation, Native.SigAbrt);
        _ = KillAsync(generation);
    }

    /// <summary>Leaves the cause, and the end of the output, where the pod's status finds them.</summary>
    public void Report(ProgramEnd end, int processes, string? file)
    {
        RunningProgram? program;
        lock (gate)
            program = latest.GetValueOrDefault(end.LocalRank);
        var outOfMemory = end.Signal == Native.SigKill && memory.Kills() > kills;
        Write(file, FailureReport.Render(
            end, program?.Rank ?? end.LocalRank, processes, outOfMemory, outOfMemory ? memory.Limit() : null, program?.Output.Tail.Bytes()));
    }

    public void Report(string why, string? file) => Write(file, Encoding.UTF8.GetBytes(why));

    public ValueTask DisposeAsync() => endpoint?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task KillAsync(long generation)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        table!.Signal(generation, Native.SigKill);
    }

    private void Write(string? file, byte[] message)
    {
        if (file is null)
            return;
        try
        {
            File.WriteAllBytes(file, message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Say($"{file}: the cause could not be left there ({e.Message})");
        }
    }
}
