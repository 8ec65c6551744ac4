using System.Diagnostics;

namespace AiDc.Benchmarks;

/// <summary>The last lines that a process printed; the pipe is drained, so that the process never waits for a reader.</summary>
internal sealed class BoundedOutput
{
    private const int Lines = 50;
    private readonly Queue<string> last = [];

    public BoundedOutput(Process process)
    {
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public override string ToString()
    {
        lock (last)
            return string.Join('\n', last);
    }

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (last)
        {
            last.Enqueue(line);
            if (last.Count > Lines)
                last.Dequeue();
        }
    }
}
