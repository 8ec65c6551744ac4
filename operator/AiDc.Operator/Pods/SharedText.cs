using System.Collections.Concurrent;

namespace AiDc.Operator.Pods;

/// <summary>One copy of each text that many objects carry (namespaces, nodes, owners, reasons).</summary>
internal static class SharedText
{
    /// <summary>Above this the pool starts anew: memory stays bounded whatever jobs come and go.</summary>
    private const int Capacity = 20_000;

    private static readonly ConcurrentDictionary<string, string> Pool = new(StringComparer.Ordinal);

    public static string? Of(string? text)
    {
        if (text is null || text.Length > 128) return text;
        if (Pool.Count > Capacity) Pool.Clear();
        return Pool.GetOrAdd(text, text);
    }
}
