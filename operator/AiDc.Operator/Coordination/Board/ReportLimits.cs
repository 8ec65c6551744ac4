using System.Text.RegularExpressions;

namespace AiDc.Operator.Coordination.Board;

/// <summary>What a report may hold. It comes from an image that may be anybody's, and ends in status and in a table on a terminal.</summary>
internal static partial class ReportLimits
{
    public const int Metrics = 32;
    public const int PathLength = 1024;
    public const int MostEpochs = 100_000_000;

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_./-]{0,63}$")]
    public static partial Regex MetricName();

    /// <summary>The metrics of a report without those that break a rule.</summary>
    public static Dictionary<string, double> Allowed(IEnumerable<KeyValuePair<string, double>> metrics) =>
        metrics.Where(m => double.IsFinite(m.Value) && MetricName().IsMatch(m.Key)).Take(Metrics)
            .ToDictionary(m => m.Key, m => m.Value, StringComparer.Ordinal);

    /// <summary>A number that is finite and not negative, else null.</summary>
    public static double? NotNegative(double value) => double.IsFinite(value) && value >= 0 ? value : null;

    /// <summary>A path without control characters, cut to <see cref="PathLength"/>.</summary>
    public static string Path(string path) =>
        string.Concat(path.Where(c => !char.IsControl(c)).Take(PathLength));
}
