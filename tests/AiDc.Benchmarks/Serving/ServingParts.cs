namespace AiDc.Benchmarks.Serving;

/// <summary>What AIDC_SERVING_PARTS may name.</summary>
internal static class ServingParts
{
    public const string Server = "server", Failures = "failures", Gateways = "gateways", Zero = "zero", Constant = "constant";

    private static readonly string[] All = [Server, Failures, Gateways, Zero, Constant];

    /// <summary>All, where nothing is named.</summary>
    public static IReadOnlySet<string> Wanted()
    {
        var named = (Environment.GetEnvironmentVariable("AIDC_SERVING_PARTS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (named.Except(All).FirstOrDefault() is { } unknown)
            throw new InvalidOperationException($"AIDC_SERVING_PARTS: {unknown} is none of {string.Join(", ", All)}");
        return (named.Length == 0 ? All : named).ToHashSet(StringComparer.Ordinal);
    }
}
