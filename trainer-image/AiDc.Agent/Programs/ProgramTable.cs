using AiDc.Agent.Deciding;

namespace AiDc.Agent.Programs;

/// <summary>A program that runs, or has ended.</summary>
internal sealed record RunningProgram(long Generation, int LocalRank, int Rank, int Pid, ProgramOutput Output);

/// <summary>The programs of this pod. One thread waits for whatever ends, orphans included. One table a process.</summary>
internal sealed class ProgramTable
{
    /// <summary>How long the end of a program waits for its last lines.</summary>
    private static readonly TimeSpan LastLines = TimeSpan.FromMilliseconds(500);

    private readonly object gate = new(); // Waited on.
    private readonly Dictionary<int, RunningProgram> programs = [];
    private readonly OutputSink sink;
    private readonly TimeProvider time;
    private readonly Action<RunningProgram, ProgramEnd> ended;

    /// <param name="ended">Called on a thread of the pool once a program has ended and its last lines were passed on.</param>
    public ProgramTable(OutputSink sink, TimeProvider time, Action<RunningProgram, ProgramEnd> ended)
    {
        (this.sink, this.time, this.ended) = (sink, time, ended);
        Native.AdoptOrphans();
        new Thread(Wait) { IsBackground = true, Name = "children" }.Start();
    }

    /// <param name="named">Whether its lines begin with its rank.</param>
    /// <exception cref="ProgramStartException">It could not be started.</exception>
    public RunningProgram Start(long generation, int localRank, int rank, bool named, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        // It may end before it is entered: the thread that waits looks it up under the same lock.
        lock (gate)
        {
            var program = ProgramStart.Start(command, environment);
            var running = new RunningProgram(generation, localRank, rank, program.Pid, new(program, named ? rank : null, sink));
            programs.Add(program.Pid, running);
            Monitor.PulseAll(gate);
            return running;
        }
    }

    /// <summary>Sends a signal to all programs of a generation and whatever they started.</summary>
    public void Signal(long generation, int signal)
    {
        // No number is anybody else's while its program has not been reaped, which happens under this lock.
        lock (gate)
            foreach (var program in programs.Values.Where(p => p.Generation == generation))
                _ = Native.Kill(-program.Pid, signal);
    }

    private void Wait()
    {
        while (true)
        {
            var pid = Native.WaitForAny();
            if (pid == 0)
            {
                // There was no child; by now there may be.
                lock (gate)
                    while (programs.Count == 0)
                        Monitor.Wait(gate);
                continue;
            }

            Take(pid);
        }
    }

    private void Take(int pid)
    {
        RunningProgram? program;
        (int Code, int Signal) end;
        lock (gate)
        {
            // What a program leaves behind would hold its ports, its GPU and its output.
            if (programs.Remove(pid, out program))
                _ = Native.Kill(-pid, Native.SigKill);
            end = Native.Reap(pid);
        }

        if (program is not null)
            _ = SayAsync(program, new(program.LocalRank, end.Code, end.Signal));
    }

    private async Task SayAsync(RunningProgram program, ProgramEnd end)
    {
        await Task.WhenAny(program.Output.Drained, Task.Delay(LastLines, time)).ConfigureAwait(false);
        ended(program, end);
    }
}
