namespace AiDc.Benchmarks;

/// <summary>The parts of a long benchmark, of which a variable may name some.</summary>
internal static class Parts
{
    /// <returns>All, where the variable names none.</returns>
    public static IReadOnlySet<string> Wanted(string variable, params string[] all)
    {
        var named = (Environment.GetEnvironmentVariable(variable) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (named.Except(all).FirstOrDefault() is { } unknown)
            throw new InvalidOperationException($"{variable}: {unknown} is none of {string.Join(", ", all)}");
        return (named.Length == 0 ? all : named).ToHashSet(StringComparer.Ordinal);
    }
}
