namespace AiDc.Benchmarks.Serving;

/// <summary>What AIDC_SERVING_PARTS may name.</summary>
internal static class ServingParts
{
    public const string Server = "server", Failures = "failures", Gateways = "gateways", Zero = "zero", Constant = "constant";

    public static IReadOnlySet<string> Wanted() => Parts.Wanted("AIDC_SERVING_PARTS", Server, Failures, Gateways, Zero, Constant);
}
