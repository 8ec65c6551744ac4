using System.Runtime.InteropServices;
using System.Text;

namespace AiDc.Agent.Programs;

/// <summary>Where the lines of all programs go. Thread-safe: a line is never cut by another.</summary>
/// <param name="output">The agent's standard output.</param>
/// <param name="error">The agent's standard error.</param>
internal sealed class OutputSink(Stream output, Stream error)
{
    private readonly Lock gate = new();

    /// <param name="prefix">Before the line; empty where there is one program.</param>
    public void Write(bool toError, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> line, bool ended)
    {
        lock (gate)
        {
            var stream = toError ? error : output;
            try
            {
                stream.Write([.. prefix, .. line, .. ended || prefix.IsEmpty ? [] : "\n"u8]);
                stream.Flush();
            }
            catch (IOException)
            {
                // Nobody reads it any more; the programs are not to end because of it.
            }
        }
    }

    /// <summary>A line of the agent's own.</summary>
    public void Say(string line) => Write(toError: true, "aidc-agent: "u8, Encoding.UTF8.GetBytes(line + "\n"), ended: true);
}

/// <summary>Passes on what a program writes, line by line, on two threads of its own; keeps the end.</summary>
internal sealed class ProgramOutput
{
    /// <summary>What has no end yet is passed on after so long: it may be a question, or a program that writes no newlines.</summary>
    private const int FlushAfterMilliseconds = 1000;

    private const int StackBytes = 128 * 1024;

    private readonly byte[] prefix;
    private readonly OutputSink sink;
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int open = 2;

    /// <param name="rank">Before each line; null where there is one program.</param>
    public ProgramOutput(StartedProgram program, int? rank, OutputSink sink)
    {
        (prefix, this.sink) = (rank is null ? [] : Encoding.UTF8.GetBytes($"[{rank}] "), sink);
        Follow(program.Output, toError: false);
        Follow(program.Error, toError: true);
    }

    public OutputTail Tail { get; } = new();

    /// <summary>Completes once nobody can write any more: a child of the program may for long after its end.</summary>
    public Task Drained => drained.Task;

    private void Follow(int descriptor, bool toError) =>
        new Thread(() => Read(descriptor, toError), StackBytes) { IsBackground = true, Name = "output" }.Start();

    private unsafe void Read(int descriptor, bool toError)
    {
        var lines = new OutputLines();
        var buffer = new byte[OutputLines.Longest];
        while (true)
        {
            if (lines.HasRest && !Waits(descriptor))
            {
                lines.Flush(line => Take(line.Span, toError));
                continue;
            }

            nint read;
            fixed (byte* to = buffer)
                read = Native.Read(descriptor, to, (nuint)buffer.Length);
            if (read < 0 && Marshal.GetLastPInvokeError() == Native.ErrInterrupted)
                continue;
            if (read <= 0)
                break;
            lines.Add(buffer.AsSpan(0, (int)read), line => Take(line.Span, toError));
        }

        lines.Flush(line => Take(line.Span, toError));
        _ = Native.Close(descriptor);
        if (Interlocked.Decrement(ref open) == 0)
            drained.SetResult();
    }

    private static unsafe bool Waits(int descriptor)
    {
        var poll = new Native.PollDescriptor { Descriptor = descriptor, Events = Native.PollIn };
        return Native.Poll(&poll, 1, FlushAfterMilliseconds) != 0;
    }

    private void Take(ReadOnlySpan<byte> line, bool toError)
    {
        Tail.Add(line);
        sink.Write(toError, prefix, line, ended: line[^1] is (byte)'\n' or (byte)'\r');
    }
}
