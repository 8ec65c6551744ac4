using System.Globalization;
using AiDc.Api;
using AiDc.Coordination.Values;

namespace AiDc.Agent.Hosting;

/// <summary>The agent was started wrongly; the message says how to correct it.</summary>
internal sealed class AgentOptionsException(string message) : Exception(message);

/// <summary>What an agent is to do.</summary>
/// <param name="Command">The program and its arguments.</param>
/// <param name="Processes">Of this pod.</param>
/// <param name="Grace">Between SIGTERM and SIGKILL when programs make way for the next generation.</param>
/// <param name="LeaveAfter">Since SIGTERM of the pod: when what is left of its programs is ended, so that the cause is still told.</param>
/// <param name="Launcher">The launcher that <paramref name="Command"/> is, which is started once; null where it is the program.</param>
/// <param name="TerminationLog">Where the cause of a failure is left; null where nobody reads it.</param>
/// <param name="Folder">For the socket that programs talk to the agent by.</param>
internal sealed record AgentOptions(
    IReadOnlyList<string> Command, int Processes, TimeSpan Grace, TimeSpan LeaveAfter, string? Launcher, string? TerminationLog, string Folder)
{
    public const string ProcessesVariable = "AIDC_PROCESSES";
    public const string GraceVariable = "AIDC_RESTART_GRACE";
    public const string LauncherVariable = "AIDC_LAUNCHER";
    public const string FolderVariable = "AIDC_AGENT_DIR";
    public const string TerminationLogVariable = "AIDC_TERMINATION_LOG";

    public const string Usage = "usage: aidc-agent [--processes N] [--grace 5s] [--launcher auto|yes|no] -- PROGRAM [ARGUMENT…]";

    private const int MostProcesses = 1024;
    private static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UsualGracePeriod = TimeSpan.FromSeconds(30);

    /// <param name="arguments">Of the command line; each option has a variable that counts where it is not given.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="AgentOptionsException">Something is missing or wrong.</exception>
    public static AgentOptions Parse(IReadOnlyList<string> arguments, Func<string, string?> variable)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = 0;
        for (; at < arguments.Count && arguments[at] != "--"; at += 2)
        {
            if (arguments[at] is not ("--processes" or "--grace" or "--launcher"))
                throw new AgentOptionsException($"'{arguments[at]}' is no option; {Usage}");
            if (at + 1 >= arguments.Count)
                throw new AgentOptionsException($"{arguments[at]} has no value; {Usage}");
            given[arguments[at]] = arguments[at + 1];
        }

        string[] command = [.. arguments.Skip(at + 1)];
        if (command.Length == 0)
            throw new AgentOptionsException($"no program is named after --; {Usage}");
        var launcher = Value("--launcher", LauncherVariable) ?? "auto";
        return new(
            command, ReadProcesses(Value("--processes", ProcessesVariable)), ReadTime(Value("--grace", GraceVariable), UsualGrace, GraceVariable),
            ReadTime(variable(PodVariables.GracePeriod), UsualGracePeriod, PodVariables.GracePeriod) * 0.75, ReadLauncher(launcher, command),
            variable(TerminationLogVariable) ?? (File.Exists("/dev/termination-log") ? "/dev/termination-log" : null),
            variable(FolderVariable) is { Length: > 0 } folder ? folder : Path.GetTempPath());

        string? Value(string option, string name) => given.GetValueOrDefault(option) ?? variable(name);
    }

    private static int ReadProcesses(string? text) => text is null ? 1
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= MostProcesses ? number
        : throw new AgentOptionsException($"--processes {text}: write a number from 1 to {MostProcesses}");

    private static TimeSpan ReadTime(string? text, TimeSpan usual, string name) => text is null ? usual
        : Duration.TryParse(text, out var time) ? time
        : throw new AgentOptionsException($"{name}={text}: write a duration like 5s");

    private static string? ReadLauncher(string choice, string[] command) => choice switch
    {
        "auto" => Programs.Launchers.Recognise(command),
        "yes" => command[0],
        "no" => null,
        _ => throw new AgentOptionsException($"--launcher {choice}: write auto, yes or no"),
    };
}
