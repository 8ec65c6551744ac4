using System.Globalization;

namespace AiDc.Benchmarks.Canary;

/// <summary>
/// Latencies of two model servers that were asked at the same time, the second in a process that had just started: what slows both down is in both,
/// what slows one down in one. Resampled by the stationary bootstrap (Politis and Romano, 1994): stretches of the recording, of both at once, one after
/// the other, so that slow stretches stay what they are.
/// </summary>
/// <param name="Trials">Each in seconds, request by request, the n-th of one at about the time of the n-th of the other.</param>
internal sealed record LatencySeries(IReadOnlyList<(double[] Running, double[] Started)> Trials)
{
    /// <summary>The first requests of a process, which are never resampled as those of one that runs.</summary>
    public const int Fresh = 100;

    /// <summary>Requests of a stretch in the mean: longer than the slow stretches of the recording.</summary>
    private const double MeanStretch = 100;

    /// <summary>The recording that the repository has: the MNIST network in `aidc serve` on a busy machine of two cores, 30 requests a second each.</summary>
    public static LatencySeries Recorded()
    {
        using var stream = typeof(LatencySeries).Assembly.GetManifestResourceStream("canary-latencies.csv") ?? throw new InvalidOperationException("the recording is not in this program");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd().Split('\n'));
    }

    /// <param name="lines">Two a trial, of microseconds: the server that runs, then the one that has started.</param>
    public static LatencySeries Parse(IEnumerable<string> lines) => new([.. lines.Where(l => l.Length > 0)
        .Select(l => l.Split(',').Select(v => double.Parse(v, CultureInfo.InvariantCulture) / 1e6).ToArray()).Chunk(2)
        .Select(two => (two[0][..Math.Min(two[0].Length, two[1].Length)], two[1][..Math.Min(two[0].Length, two[1].Length)]))]);

    /// <summary>A place in the recording that moves on.</summary>
    public sealed class Walk(LatencySeries series, Random random)
    {
        private (double[] Running, double[] Started) trial = series.Trials[0];
        private double at = double.PositiveInfinity;

        /// <summary>How far it goes yet before it starts somewhere else.</summary>
        private double left;

        public bool IsFresh { get; private set; }

        /// <summary>To the beginning of a trial: the second server has just started.</summary>
        public void Start()
        {
            trial = series.Trials[random.Next(series.Trials.Count)];
            (at, left, IsFresh) = (0, Fresh, true);
        }

        /// <summary>Moves on by so many requests.</summary>
        public void Move(double requests)
        {
            at += requests;
            left -= requests;
            if (left > 0 && at < trial.Running.Length - 1) return;
            trial = series.Trials[random.Next(series.Trials.Count)];
            at = Fresh + random.Next(trial.Running.Length - Fresh - 1);
            (left, IsFresh) = (-MeanStretch * Math.Log(1 - random.NextDouble()), false);
        }

        /// <param name="ahead">Of where it is.</param>
        public double Running(double ahead) => At(trial.Running, ahead);

        public double Started(double ahead) => At(trial.Started, ahead);

        private double At(double[] values, double ahead) => values[Math.Clamp((int)(at + ahead), 0, values.Length - 1)];
    }
}
