using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AiDc.Trainer.Tests.Cli;

/// <summary>The real program as a child process.</summary>
internal sealed partial class TrainerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task _reading;
    private readonly Task<string> _errors;

    /// <summary>
    /// The built program, run by the runtime that runs the tests: where the machine's C++ library is too old for TorchSharp, that
    /// runtime is the one that can load it (hack/dotnet.sh), and the program's own host is not.
    /// </summary>
    public static IReadOnlyList<string> Program { get; } = [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "aidc-trainer.dll")];

    /// <param name="wrapper">A program with arguments that starts it, for example unshare; null for none.</param>
    public TrainerProcess(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? wrapper = null)
    {
        string[] command = [.. wrapper ?? [], .. Program, .. arguments];
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _reading = Task.Run(Read);
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var process = new TrainerProcess(arguments);
        return (process.WaitForExit(), process.Output, process.Error);
    }

    public string Output
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    public string Error => _errors.GetAwaiter().GetResult();

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public bool HasExited => _process.HasExited;

    public int WaitForExit()
    {
        if (!_process.WaitForExit(Patience)) Assert.Fail($"the process did not end:\n{Output}");
        _reading.Wait(Patience);
        return _process.ExitCode;
    }

    /// <summary>Waits for a line; false when the process ended without it.</summary>
    public bool WaitForLine(string text, int count = 1)
    {
        return SpinWait.SpinUntil(() => Count() >= count || _reading.IsCompleted, Patience) && Count() >= count;

        int Count() => Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
    }

    public void Terminate() => Signal(15);

    public void Kill() => Signal(9);

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);

    private void Signal(int number) => Assert.That(_process.HasExited || SendSignal(_process.Id, number) == 0);

    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            lock (_lines) _lines.Add(line);
        }
    }
}
