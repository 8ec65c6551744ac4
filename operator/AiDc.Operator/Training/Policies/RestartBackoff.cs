using AiDc.Api;
using AiDc.ControllerRuntime.Controllers;

namespace AiDc.Operator.Training.Policies;

/// <summary>How long to wait before the gang is started again: 1 s, 2 s, 4 s … 5 min, spread by a fifth either way.</summary>
public static class RestartBackoff
{
    private const double Spread = 0.2;

    /// <summary>How many failures in a row one more makes. A gang that ran for long before starts a new row.</summary>
    public static int FailuresInRow(JobView view)
    {
        var running = ConditionHelper.Find(view.Status.Conditions, ConditionTypes.Running);
        var healthy = running is { Status: "True", LastTransitionTime: { } since } && view.Now - since >= view.Options.HealthyRun;
        return healthy ? 1 : view.Status.FailuresInRow + 1;
    }

    /// <param name="failuresInRow">From 1.</param>
    /// <param name="seed">Jobs that fail together (a lost node, a full disk) must not come back together; the same job always waits the same.</param>
    public static TimeSpan Delay(int failuresInRow, string seed, TrainingOptions options)
    {
        var doublings = Math.Clamp(failuresInRow - 1, 0, 30);
        var seconds = Math.Min(options.FirstBackoff.TotalSeconds * Math.Pow(2, doublings), options.LongestBackoff.TotalSeconds);
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
