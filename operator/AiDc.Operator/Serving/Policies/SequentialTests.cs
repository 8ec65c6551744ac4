namespace AiDc.Operator.Serving.Policies;

/// <summary>
/// Tests that may be looked at after each request, as often as one likes, without a false alarm becoming more likely: always-valid p-values
/// (Johari, Pekelis and Walsh, 2015). Each gives the logarithm of an e-value, the evidence against "no worse than the limit", as a mixture of
/// likelihood ratios (Robbins, 1970). While the canary is no worse it ever reaches 1/α with a probability of at most α (Ville's inequality).
/// </summary>
public static class SequentialTests
{
    /// <summary>Odds of the alternatives of <see cref="OfRate"/>, each so many times those before it.</summary>
    private const double Spacing = 1.5;

    private const double MostOdds = 1000;

    /// <summary>A limit of 0 allows nothing, and is so little that one failure is enough.</summary>
    private const double LeastLimit = 1e-9;

    /// <summary>A block that is further from the limit counts as three times or a third of it: a moment in which the machine stood still is no measure of a model (Huber, 1964).</summary>
    private static readonly double Most = Math.Log(3);

    /// <summary>One over the variance of the effects that are looked for, in deviations of a block.</summary>
    private const double Effect = 0.5;

    /// <summary>With fewer blocks their spread is not known well enough.</summary>
    private const int FewestBlocks = 6;

    /// <summary>Evidence that more than a share of all fails: the mean of likelihood ratios over shares above the limit.</summary>
    /// <param name="limit">The highest share that is allowed.</param>
    public static double OfRate(long failed, long all, double limit)
    {
        limit = Math.Max(limit, LeastLimit);
        if (limit >= 1 || all <= 0) return double.NegativeInfinity;
        List<double> ratios = [];
        for (var odds = Spacing * limit / (1 - limit); odds < MostOdds || ratios.Count == 0; odds *= Spacing)
        {
            var share = odds / (1 + odds);
            ratios.Add((failed * Math.Log(share / limit)) + ((all - failed) * Math.Log((1 - share) / (1 - limit))));
        }
        var most = ratios.Max();
        return most + Math.Log(ratios.Average(r => Math.Exp(r - most)));
    }

    /// <summary>
    /// Evidence that the mean of the logarithms is above that of the limit: the sequential t-test with a normal mixture over the size of the effect and
    /// an unknown variance (Lai, 1976; Wang and Ramdas, 2024). Blocks that resemble those before them count for fewer: their number is
    /// divided by the ratio of the long-run variance to that of a block (Newey and West, 1987). The mixture lies on both sides, and only what is above counts:
    /// half of its false alarms, so that the evidence weighs twice as much.
    /// </summary>
    /// <param name="ratios">Block by block, in their order.</param>
    public static double OfMean(IReadOnlyList<double> ratios, double limit)
    {
        var n = ratios.Count;
        if (n < FewestBlocks) return double.NegativeInfinity;
        var excess = ratios.Select(r => Math.Clamp(Math.Log(r / limit), -Most, Most)).ToArray();
        var mean = excess.Average();
        if (mean <= 0) return double.NegativeInfinity;
        var effective = n / Inflation(excess, mean);
        // 1 where all blocks are the same: no spread at all.
        var share = mean * mean / excess.Average(x => x * x);
        return Math.Log(2) + (0.5 * Math.Log(Effect / (effective + Effect))) - (effective / 2 * Math.Log(1 - (share * effective / (effective + Effect))));
    }

    private static double Inflation(double[] values, double mean)
    {
        var variance = values.Average(v => (v - mean) * (v - mean));
        if (variance <= 0) return 1;
        var lags = (int)Math.Cbrt(values.Length);
        var sum = 1.0;
        for (var lag = 1; lag <= lags; lag++)
        {
            var together = 0.0;
            for (var i = lag; i < values.Length; i++) together += (values[i] - mean) * (values[i - lag] - mean);
            sum += 2 * (1 - (lag / (lags + 1.0))) * together / values.Length / variance;
        }
        return Math.Max(1, sum);
    }
}
