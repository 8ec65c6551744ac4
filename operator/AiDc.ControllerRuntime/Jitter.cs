namespace AiDc.ControllerRuntime;

/// <summary>Randomness for delays, so that replicas and objects do not move in step. Thread-safe; the seed is an input.</summary>
public sealed class Jitter(int seed)
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);

    /// <summary>From 0 up to, not including, 1.</summary>
    public double Next()
    {
        lock (gate) return random.NextDouble();
    }

    /// <summary>A seed that differs between replicas because their identities do, and not between runs of one process.</summary>
    public static int SeedOf(string identity)
    {
        var hash = 17;
        foreach (var c in identity) hash = unchecked((hash * 31) + c);
        return hash;
    }
}
