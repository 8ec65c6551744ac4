using System.Text.RegularExpressions;

namespace AiDc.Agent.Programs;

/// <summary>Whether a command is a launcher itself, which starts the processes of a pod by itself. Pure.</summary>
internal static partial class Launchers
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "ash", "zsh", "ksh"];

    /// <returns>The launcher's name; null where the command is the program.</returns>
    public static string? Recognise(IReadOnlyList<string> command)
    {
        if (command.Count == 0)
            return null;
        if (Shells.Contains(Path.GetFileName(command[0])))
            return Script(command) is { } script && InScript().Match(script) is { Success: true } m ? Named(m.Groups["launcher"].Value) : null;
        var match = AsCommand().Match(string.Join(' ', command.Take(8)));
        return match.Success ? Named(match.Groups["launcher"].Value) : null;
    }

    /// <summary>What a shell is to run: the word after -c, or a group of options that ends with c.</summary>
    private static string? Script(IReadOnlyList<string> command)
    {
        for (var i = 1; i < command.Count - 1; i++)
        {
            if (!command[i].StartsWith('-'))
                return null;
            if (command[i].EndsWith('c') && !command[i].StartsWith("--", StringComparison.Ordinal))
                return command[i + 1];
        }

        return null;
    }

    private static string Named(string found) => Spaces().Replace(found, " ").Split('/')[^1] switch
    {
        var l when l.StartsWith("python", StringComparison.Ordinal) => l[(l.IndexOf(" -m ", StringComparison.Ordinal) + 4)..],
        var l => l,
    };

    private const string Launcher =
        @"(?<launcher>(\S*/)?(torchrun|accelerate\s+launch|deepspeed|mpirun|mpiexec|horovodrun|python[0-9.]*(\s+-[uOBE]+)*\s+-m\s+(torch\.distributed\.(run|launch)|accelerate\.commands\.launch|deepspeed\.launcher\.runner)))(\s|$)";

    [GeneratedRegex("^" + Launcher)]
    private static partial Regex AsCommand();

    [GeneratedRegex(@"(^|[;&|(\n]|\bexec|\bthen|\bdo)\s*([A-Za-z_][A-Za-z0-9_]*=\S*\s+)*" + Launcher)]
    private static partial Regex InScript();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
