using System.Diagnostics;
using System.Text.Json;
using AiDc.Api;

namespace AiDc.Trainer.Distributed.Local;

/// <summary>One of the pod's other processes, seen from the first: a child, with lines of JSON over its standard input and output.</summary>
internal sealed class LocalProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _writing = new();
    private readonly Process _process;
    private bool _disposed;

    /// <param name="said">Called on a thread of the process's own.</param>
    /// <param name="ended">Called when it has ended, with its exit code.</param>
    /// <param name="stray">Called with each line that is not of the protocol.</param>
    public LocalProcess(ProcessStartInfo start, Action<FromLocalProcess> said, Action<int> ended, Action<string> stray)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        new Thread(() => Read(said, ended, stray)) { IsBackground = true, Name = "local process" }.Start();
    }

    public int Id => _process.Id;

    /// <summary>A process that is gone hears nothing; its end is told by itself.</summary>
    public void Send(ToLocalProcess message)
    {
        try
        {
            lock (_writing)
            {
                _process.StandardInput.WriteLine(JsonSerializer.Serialize(message, Json.Line));
                _process.StandardInput.Flush();
            }
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
        }
    }

    /// <summary>Lets it end by itself, and ends it if it does not.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        try
        {
            _process.StandardInput.Close();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
        }

        if (!_process.WaitForExit(Patience)) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Read(Action<FromLocalProcess> said, Action<int> ended, Action<string> stray)
    {
        try
        {
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                if (Parse(line) is { } message) said(message);
                else stray(line);
            }

            _process.WaitForExit();
            ended(_process.ExitCode);
        }
#pragma warning disable CA1031 // Whatever it is: a process that is not heard any more must not be waited for.
        catch (Exception)
#pragma warning restore CA1031
        {
            ended(ExitCodes.UnexpectedFailure);
        }
    }

    /// <summary>Null for what some library has printed, which says nothing about the process.</summary>
    private static FromLocalProcess? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<FromLocalProcess>(line, Json.Line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
