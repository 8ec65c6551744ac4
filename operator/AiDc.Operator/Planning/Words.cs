namespace AiDc.Operator.Planning;

/// <summary>Fits foreign text into a status.</summary>
internal static class Words
{
    /// <summary>As the API's convention for messages of conditions has it.</summary>
    public const int MaxLine = 1024;

    /// <summary>One line of at most 1024 characters.</summary>
    public static string Line(string text)
    {
        var line = text.AsSpan().IndexOfAny('\r', '\n') < 0
            ? text.Trim()
            : string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MaxLine ? line : line[..(MaxLine - 1)] + "…";
    }

    /// <summary>The end of a text, from the start of a line on where it has to be cut; null for nothing.</summary>
    public static string? Tail(string? text, int limit)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var trimmed = text.TrimEnd();
        if (trimmed.Length <= limit) return trimmed;
        var tail = trimmed[^limit..];
        var newline = tail.IndexOf('\n', StringComparison.Ordinal);
        return newline >= 0 && newline < tail.Length - 1 ? tail[(newline + 1)..] : tail;
    }
}
