using System.Collections.Concurrent;
using System.Diagnostics;

namespace AiDc.Agent.Tests.Hosting;

/// <summary>An agent in a process of its own, as a container runs it.</summary>
internal sealed class AgentProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly BlockingCollection<string> lines = [];

    public AgentProcess(string script, int processes = 1, string grace = "5s")
    {
        Folder = Directory.CreateTempSubdirectory("aidc-agent").FullName;
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "aidc-agent"), ["--processes", $"{processes}", "--grace", grace, "--", "sh", "-c", script])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder,
        };
        start.Environment["AIDC_AGENT_DIR"] = Folder;
        start.Environment["AIDC_TERMINATION_LOG"] = Path.Combine(Folder, "termination-log");
        start.Environment["AIDC_GRACE_PERIOD"] = "4s";
        start.Environment.Remove("AIDC_COORDINATOR");
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Errors.Add(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Folder { get; }

    public int Pid => process.Id;

    public ConcurrentBag<string> Errors { get; } = [];

    public string Termination => File.ReadAllText(Path.Combine(Folder, "termination-log"));

    public int WaitForEnd()
    {
        Assert.That(process.WaitForExit(Limit), Is.True, "the agent does not end");
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>The next line of its standard output.</summary>
    public string Line() => lines.TryTake(out var line, Limit) ? line : throw new TimeoutException($"no line; standard error: {string.Join('\n', Errors)}");

    public IReadOnlyList<string> Rest() => [.. lines];

    public void Signal(string name) => Process.Start("kill", [$"-{name}", $"{Pid}"]).WaitForExit();

    public static bool Lives(string pid) => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
        lines.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Add(string? line)
    {
        if (line is not null)
            lines.Add(line);
    }
}
