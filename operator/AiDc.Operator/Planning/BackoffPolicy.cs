namespace AiDc.Operator.Planning;

/// <summary>How long to wait before trying again: twice as long each time up to a longest wait, spread by a fifth either way.</summary>
public static class BackoffPolicy
{
    private const double Spread = 0.2;

    /// <param name="failuresInRow">From 1.</param>
    /// <param name="seed">What fails together (a lost node, a full disk) must not come back together; the same seed always waits the same.</param>
    public static TimeSpan Delay(int failuresInRow, string seed, TimeSpan first, TimeSpan longest)
    {
        var doublings = Math.Clamp(failuresInRow - 1, 0, 30);
        var seconds = Math.Min(first.TotalSeconds * Math.Pow(2, doublings), longest.TotalSeconds);
        var spread = 1 + (Spread * ((2 * Fraction($"{seed}/{failuresInRow}")) - 1));
        return TimeSpan.FromMilliseconds(Math.Round(seconds * spread * 1000));
    }

    /// <summary>A number from 0 to below 1 that depends on the text only (FNV-1a; string.GetHashCode differs from process to process).</summary>
    private static double Fraction(string text)
    {
        var hash = 2166136261u;
        foreach (var c in text) hash = unchecked((hash ^ c) * 16777619u);
        hash ^= hash >> 15;
        hash = unchecked(hash * 2246822519u);
        hash ^= hash >> 13;
        return hash / 4294967296.0;
    }
}
