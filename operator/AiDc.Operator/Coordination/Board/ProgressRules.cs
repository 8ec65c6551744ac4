using System.Text.RegularExpressions;

namespace AiDc.Operator.Coordination.Board;

/// <summary>How reports of workers become the progress of a job. Pure.</summary>
internal static class ProgressRules
{
    /// <summary>The metric by which a worker says how many seconds of a step it computed.</summary>
    public const string ComputeSeconds = "computeSeconds";

    /// <summary>Workers of ours report every second or so.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The entry that a report of <paramref name="worker"/> goes into: a fresh one for a newer attempt, none for an attempt that is over.
    /// </summary>
    public static JobProgress? Admit(JobProgress? current, WorkerIdentity worker, DateTimeOffset now)
    {
        if (current is null || worker.Attempt > current.Attempt)
            return new JobProgress(worker.Job, worker.Attempt) { LastHeardAt = now, ChangedAt = now };
        return worker.Attempt < current.Attempt ? null : current with { LastHeardAt = now };
    }

    /// <summary>
    /// In synchronous training all workers stand at the same step, so one of them is enough: the lowest index heard, usually 0. A higher
    /// one counts only until a lower one speaks, and where that one was not heard for a while: it may be lost.
    /// </summary>
    public static JobProgress Report(JobProgress current, TrainingProgress report)
    {
        if (report.Metrics.TryGetValue(ComputeSeconds, out var seconds))
            current = current with { ComputeSeconds = current.ComputeSeconds.SetItem(report.WorkerIndex, seconds) };
        if (current.Training is { } known && known.WorkerIndex < report.WorkerIndex && report.UpdatedAt - known.UpdatedAt < Silent)
            return current;
        var advanced = current.Training is not { Step: { } before } || report.Step > before;
        return current with
        {
            Training = report,
            AdvancedAt = advanced ? report.UpdatedAt : current.AdvancedAt,
            ChangedAt = advanced || !IsSame(current.Training!, report) ? report.UpdatedAt : current.ChangedAt,
            FirstStepAt = current.FirstStepAt ?? (report.StepDone ? report.UpdatedAt : null),
        };
    }

    /// <summary>Says the same as before; while data is read its share is among the metrics.</summary>
    private static bool IsSame(TrainingProgress before, TrainingProgress after) =>
        before.Step == after.Step && before.Epoch == after.Epoch && before.Metrics.Count == after.Metrics.Count
        && before.Metrics.All(m => after.Metrics.TryGetValue(m.Key, out var value) && value.Equals(m.Value));

    public static JobProgress Heartbeat(JobProgress current, int workerIndex, TrainerPhase phase) =>
        workerIndex == (current.Training?.WorkerIndex ?? 0) && phase != current.Phase
            ? current with { Phase = phase, ChangedAt = current.LastHeardAt, AdvancedAt = current.AdvancedAt is null ? null : current.LastHeardAt } : current;

    /// <summary>Checkpoints are told again until acknowledged: an older or equal one changes nothing.</summary>
    public static JobProgress Saved(JobProgress current, SavedCheckpoint checkpoint)
    {
        var known = current.Checkpoint;
        var newer = known is null || (checkpoint.Generation, checkpoint.Step).CompareTo((known.Generation, known.Step)) > 0;
        return newer ? current with { Checkpoint = checkpoint } : current;
    }

    public static JobProgress Finish(JobProgress current, FinishedTraining finished) =>
        current.Finished is null ? current with { Finished = finished } : current;

    /// <summary>Whether whoever watches should know now, not in a few seconds.</summary>
    public static bool IsUrgent(JobProgress? before, JobProgress after)
    {
        var sameAttempt = before is not null && before.Attempt == after.Attempt ? before : null;
        return (after.FirstStepAt is not null && sameAttempt?.FirstStepAt is null)
            || after.Checkpoint != sameAttempt?.Checkpoint
            || after.Finished != sameAttempt?.Finished;
    }

    /// <summary>Whether a reader would see a difference; being heard again is none.</summary>
    public static bool IsVisible(JobProgress? before, JobProgress after) =>
        before is null || before with { LastHeardAt = after.LastHeardAt } != after;
}

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
