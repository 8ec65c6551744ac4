using System.CommandLine;
using System.Globalization;
using AiDc.Coordination.Values;

namespace AiDc.Trainer.Cli;

/// <summary>Makes the kinds of options that the commands have.</summary>
internal static class Options
{
    private const int UsualWidth = 120;

    public static Option<T> Required<T>(string name, string description) => new(name) { Description = description, Required = true };

    public static Option<T> Optional<T>(string name, string description) => new(name) { Description = description };

    public static Option<T> Value<T>(string name, string description, T value) => new(name) { Description = description, DefaultValueFactory = _ => value };

    public static Option<string> Choice(string name, string description, string value, params string[] choices)
    {
        var option = Value(name, description, value);
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    /// <summary>The lower-case names of an enumeration.</summary>
    public static Option<T> Enumeration<T>(string name, string description, T value) where T : struct, Enum
    {
        var option = Value(name, description, value);
        option.HelpName = string.Join('|', Names<T>());
        option.CustomParser = argument =>
        {
            var text = argument.Tokens.Single().Value;
            if (Names<T>().Contains(text)) return Enum.Parse<T>(text, ignoreCase: true);
            argument.AddError($"{name} {text}: use one of {string.Join(", ", Names<T>())}");
            return value;
        };
        return option;
    }

    public static Option<TimeSpan> Time(string name, string description, TimeSpan value)
    {
        var option = Value(name, description, value);
        option.HelpName = "duration";
        option.CustomParser = argument =>
        {
            var text = argument.Tokens.Single().Value;
            if (Duration.TryParse(text, out var duration)) return duration;
            argument.AddError($"{name} {text}: write a duration like 30s, 5m or 1h30m");
            return value;
        };
        return option;
    }

    public static int TerminalWidth(CommandContext context) =>
        int.TryParse(context.Environment("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns > 0 ? columns : UsualWidth;

    private static IEnumerable<string> Names<T>() where T : struct, Enum => Enum.GetNames<T>().Select(n => n.ToLowerInvariant());
}
