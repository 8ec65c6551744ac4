using AiDc.Benchmarks.Autoscaling.Simulation;

namespace AiDc.Benchmarks.Autoscaling;

/// <summary>A load that was generated, and the service that it comes to.</summary>
internal sealed record GeneratedLoad(string Family, IReadOnlyList<SimulatedRequest> Requests, SimulationSettings Service);

/// <summary>
/// Families of loads, by which parameters of the autoscaler are to be chosen: none of them is a trace that is reported. Within a family the seed draws rates, times of
/// service and how long a replica takes to start.
/// </summary>
internal static class Families
{
    private const double Length = 2400;

    /// <summary>From a container that is there already to weights that are fetched first.</summary>
    private static readonly double[] Starts = [2, 5, 10, 30, 60, 120];

    private static readonly Dictionary<string, Func<Random, IEnumerable<SimulatedRequest>>> Generators = new()
    {
        ["PoissonShort"] = r => Rated(r, Draw(r, 5, 30), _ => 1, ShortOf(r)),
        ["PoissonLong"] = r => Rated(r, Draw(r, 0.5, 3), _ => 1, LongOf(r)),
        ["Bursts"] = Bursts,
        ["GroupsShort"] = r => Groups(r, ShortOf(r)),
        ["GroupsLong"] = r => Groups(r, LongOf(r)),
        ["Ramp"] = r => Rated(r, Draw(r, 8, 25), at => 0.05 + (at / Length), ShortOf(r)),
        ["Day"] = r => Rated(r, Draw(r, 4, 15), at => 1 - (0.9 * Math.Cos(at * 4 * Math.PI / Length)), r.Next(2) == 0 ? ShortOf(r) : LongOf(r, 4)),
        ["FlashCrowd"] = FlashCrowd,
        ["OnAndOff"] = OnAndOff,
    };

    public static IEnumerable<string> Names => Generators.Keys;

    public static GeneratedLoad Generate(string family, int seed)
    {
        // Of the name and the seed, by arithmetic of our own: a string's hash differs from run to run.
        var random = new Random((seed * 7919) + family.Sum(c => c));
        var start = Starts[random.Next(Starts.Length)];
        return new(family, [.. Generators[family](random).OrderBy(r => r.Arrival)], new() { StartSeconds = _ => start });
    }

    /// <summary>Requests that come by chance alone, at a rate that changes.</summary>
    private static IEnumerable<SimulatedRequest> Rated(Random random, double most, Func<double, double> share, Func<double> service)
    {
        var peak = 2 * most;
        for (var now = Exponential(random, 1 / peak); now < Length; now += Exponential(random, 1 / peak))
            if (random.NextDouble() * peak < most * share(now)) yield return new(now, service());
    }

    private static IEnumerable<SimulatedRequest> Bursts(Random random)
    {
        var (calm, service) = (Draw(random, 0.5, 3), ShortOf(random));
        var (begin, end, factor) = (Draw(random, 60, 200), 0.0, 1.0);
        for (double now = 0; now < Length; now += Exponential(random, 1 / (calm * (now < end ? factor : 1))))
        {
            if (now > begin && now > end)
            {
                (end, factor) = (now + Draw(random, 10, 60), Draw(random, 4, 15));
                begin = end + Draw(random, 60, 300);
            }
            yield return new(now, service());
        }
    }

    /// <summary>Several at the same moment, in equal or unequal distances.</summary>
    private static IEnumerable<SimulatedRequest> Groups(Random random, Func<double> service)
    {
        var (distance, size, isEven) = (Draw(random, 1, 10), Draw(random, 2, 15), random.Next(2) == 0);
        for (double now = 1; now < Length; now += isEven ? distance : Exponential(random, distance))
            for (var left = (int)Math.Round(size * Draw(random, 0.6, 1.4)); left > 0; left--) yield return new(now + Draw(random, 0, 0.05), service());
    }

    private static IEnumerable<SimulatedRequest> FlashCrowd(Random random)
    {
        var (at, factor, fades, rate) = (Draw(random, 600, 1500), Draw(random, 5, 20), Draw(random, 60, 300), Draw(random, 0.5, 2));
        return Rated(random, rate * factor, t => (1 + (t < at ? 0 : factor * Math.Exp((at - t) / fades))) / factor, ShortOf(random));
    }

    private static IEnumerable<SimulatedRequest> OnAndOff(Random random)
    {
        var (rate, service, phase) = (Draw(random, 3, 15), ShortOf(random), Draw(random, 30, 180));
        List<double> changes = [0];
        while (changes[^1] < Length) changes.Add(changes[^1] + Exponential(random, phase));
        return Rated(random, rate, t => changes.FindIndex(c => c > t) % 2 == 1 ? 1 : 0.02, service);
    }

    private static Func<double> ShortOf(Random random)
    {
        var mean = Draw(random, 0.1, 2);
        return () => 0.05 + Exponential(random, mean);
    }

    /// <summary>Of about the same length each, or by chance.</summary>
    private static Func<double> LongOf(Random random, double least = 6)
    {
        var (mean, isEven) = (Draw(random, least, 2.5 * least), random.Next(2) == 0);
        return () => isEven ? mean * Draw(random, 0.9, 1.1) : 0.5 + Exponential(random, mean);
    }

    private static double Draw(Random random, double from, double to) => from + ((to - from) * random.NextDouble());

    private static double Exponential(Random random, double mean) => -mean * Math.Log(1 - random.NextDouble());
}
