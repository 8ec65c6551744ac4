namespace AiDc.Benchmarks;

/// <summary>What the user asked for is not there; the message says what is, and is all that is shown.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The parts of a long benchmark, of which a variable may name some.</summary>
internal static class Parts
{
    private static readonly char[] Separators = [' ', ',', '\t', '\n'];

    /// <returns>All, where the variable names none.</returns>
    /// <exception cref="UsageException">It names one that is not there.</exception>
    public static IReadOnlySet<string> Wanted(string variable, params string[] all)
    {
        var named = (Environment.GetEnvironmentVariable(variable) ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        if (named.Except(all).ToList() is { Count: > 0 } unknown)
            throw new UsageException($"{variable} names {string.Join(" and ", unknown.Select(u => $"'{u}'"))}, which {(unknown.Count == 1 ? "is none" : "are none")} of its parts: {string.Join(", ", all)}");
        return (named.Length == 0 ? all : named).ToHashSet(StringComparer.Ordinal);
    }
}
