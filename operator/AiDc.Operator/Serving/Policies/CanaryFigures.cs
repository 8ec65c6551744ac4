using AiDc.Operator.Serving.Demand;

namespace AiDc.Operator.Serving.Policies;

/// <summary>What a canary is judged by.</summary>
/// <param name="Samples">Its answered requests at this step.</param>
/// <param name="Errors">Of those that failed.</param>
/// <param name="LatencyRatio">Its mean service time at this step over that of the stable revision during the whole trial; null where one of them had no request.</param>
public sealed record CanaryFigures(long Samples, long Errors, double? LatencyRatio)
{
    public double? ErrorRate => Samples > 0 ? (double)Errors / Samples : null;

    /// <returns>Null where no gateway tells.</returns>
    public static CanaryFigures? Of(ServiceSnapshot snapshot, string canary, string stable)
    {
        if (snapshot.Load.Gateways == 0 || snapshot.StepStart is not { } step || snapshot.TrialStart is not { } trial) return null;
        var tried = Since(snapshot.Load, step, canary);
        return new(tried.Completed, tried.Errors, Ratio(Mean(tried), Mean(Since(snapshot.Load, trial, stable))));
    }

    private static RevisionReading Since(ServiceReading now, ServiceReading then, string revision) =>
        now.Revisions.TryGetValue(revision, out var reading)
            ? reading.Since(then.Revisions.GetValueOrDefault(revision) ?? RevisionReading.Nothing)
            : RevisionReading.Nothing;

    private static double? Mean(RevisionReading reading) => reading.Completed > 0 ? reading.ServiceSeconds / reading.Completed : null;

    private static double? Ratio(double? mine, double? theirs) => theirs is > 0 && mine is { } seconds ? seconds / theirs.Value : null;
}
