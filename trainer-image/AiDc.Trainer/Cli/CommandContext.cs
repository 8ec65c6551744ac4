namespace AiDc.Trainer.Cli;

/// <summary>The process as a command sees it.</summary>
/// <param name="IsTerminal">Whether a person looks at <paramref name="Out"/> through a terminal.</param>
/// <param name="Environment">Value of an environment variable; null when it is not set or empty.</param>
/// <param name="NewUid">A new name each time, of digits and lower-case letters.</param>
public sealed record CommandContext(
    TextWriter Out, TextWriter Error, bool IsTerminal, Func<string, string?> Environment, TimeProvider Time, DateTimeOffset ProcessStart, Func<string> NewUid)
{
    /// <summary>The standard input: how a pod's first process speaks to its others.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Takes the standard output for a protocol, so that nothing else gets into it; null: <see cref="Out"/> is the protocol's alone.</summary>
    public Func<TextWriter>? ClaimOut { get; init; }
}
