using System.Diagnostics;
using System.Globalization;

namespace AiDc.Testing;

/// <summary>
/// A program that ends when this process does, even when that is killed: a shell next to it reads from a pipe of ours and
/// kills it at the pipe's end. (prctl's death signal would fire when the thread ends that started the program.)
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const string Watch =
        """
        log=$1; shift; exec 3<&0 2>/dev/null
        "$@" </dev/null 3<&- >"$log" 2>&1 & child=$!
        ( cat <&3 >/dev/null; kill -KILL $child ) 3<&3 & watcher=$!
        exec 3<&-
        wait $child; code=$?
        kill $watcher 2>/dev/null
        exit $code
        """;

    private readonly Process process;

    public ChildProcess(string program, IEnumerable<string> arguments, string log)
    {
        (Name, Log) = (Path.GetFileName(program), log);
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in new[] { "-c", Watch, "sh", log, program }.Concat(arguments)) start.ArgumentList.Add(argument);
        process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    public string Name { get; }

    public string Log { get; }

    /// <summary>The program itself; the process that was started is the shell next to it, whose first child it is.</summary>
    public int ProgramId => int.Parse(File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Split(' ')[0], CultureInfo.InvariantCulture);

    public void ThrowIfExited()
    {
        if (process.HasExited) throw new InvalidOperationException($"{Name} ended with {process.ExitCode}. The end of its log:\n{LogTail()}");
    }

    public string LogTail() => File.Exists(Log) ? string.Join('\n', File.ReadLines(Log).TakeLast(25)) : "(no log)";

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(10))) process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
