using System.Diagnostics.Metrics;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Caching;
using AiDc.Operator.Planning;
using k8s.Models;

namespace AiDc.Operator.Training;

/// <summary>What an SRE of training jobs wants to know, as instruments. Times are seconds; no job, pod or node is a label.</summary>
public sealed class TrainingMetrics
{
    private static readonly string[] Phases =
    [
        TrainingJobPhase.Pending, TrainingJobPhase.Starting, TrainingJobPhase.Running, TrainingJobPhase.Recovering,
        TrainingJobPhase.Suspended, TrainingJobPhase.Succeeded, TrainingJobPhase.Failed,
    ];

    /// <summary>Other causes come from kubelets and programs and are without number.</summary>
    private static readonly string[] Causes =
    [
        "Error", Reasons.OutOfMemory, Reasons.Evicted, Reasons.NodeLost, Reasons.NodeShutdown, Reasons.Preempted, Reasons.PodDeleted,
        Reasons.StartTimeout, Reasons.SpecChanged, "Other",
    ];

    private static readonly InstrumentAdvice<double> Waits = new()
    {
        HistogramBucketBoundaries = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400],
    };

    private readonly Counter<long> restarts;
    private readonly Counter<long> finished;
    private readonly Histogram<double> applyToFirstStep;
    private readonly Histogram<double> applyToRunning;
    private readonly Histogram<double> recovery;

    public TrainingMetrics(IMeterFactory meters, IStore<TrainingJob> jobs, string meterName = "aidc")
    {
        var meter = meters.Create(meterName);
        restarts = meter.CreateCounter<long>("training_restarts_total", null, "Gangs started again, by cause.");
        finished = meter.CreateCounter<long>("training_finished_total", null, "Jobs that ended, by result.");
        applyToFirstStep = meter.CreateHistogram(
            "training_apply_to_first_step_seconds", "s", "Time from a job's creation to its first reported training step.", null, Waits);
        applyToRunning = meter.CreateHistogram(
            "training_apply_to_running_seconds", "s", "Time from a job's creation until all its workers ran for the first time.", null, Waits);
        recovery = meter.CreateHistogram(
            "training_recovery_seconds", "s", "Time from the detection of a failure until all workers ran again.", null, Waits);
        meter.CreateObservableGauge("training_jobs", () => ByPhase(jobs.List()), null, "Jobs by phase.");
        foreach (var cause in Causes) restarts.Add(0, new KeyValuePair<string, object?>("cause", cause));
        foreach (var result in (string[])[TrainingJobPhase.Succeeded, TrainingJobPhase.Failed])
            finished.Add(0, new KeyValuePair<string, object?>("result", result));
    }

    /// <summary>Counts what a written status says that the one before did not.</summary>
    /// <param name="restartCause">Set where the gang was started again.</param>
    public void Changed(V1ObjectMeta job, TrainingJobStatus before, TrainingJobStatus after, string? restartCause)
    {
        if (restartCause is not null)
            restarts.Add(1, new KeyValuePair<string, object?>("cause", Causes.Contains(restartCause) ? restartCause : "Other"));
        if (after.Phase != before.Phase && after.Phase is TrainingJobPhase.Succeeded or TrainingJobPhase.Failed && before.CompletionTime is null)
            finished.Add(1, new KeyValuePair<string, object?>("result", after.Phase));
        if (job.CreationTimestamp is { } created)
        {
            var applied = Times.Utc(created);
            if (before.FirstStepTime is null && after.FirstStepTime is { } firstStep) Record(applyToFirstStep, firstStep - applied);
            if (!HasStarted(before) && Started(after) is { } started) Record(applyToRunning, started - applied);
        }
        if (before.LastFailure is { ResumedAt: null } && after.LastFailure is { DetectedAt: { } from, ResumedAt: { } to }) Record(recovery, to - from);
    }

    private static bool HasStarted(TrainingJobStatus status) => Started(status) is not null;

    private static DateTimeOffset? Started(TrainingJobStatus status) =>
        status.Conditions.FirstOrDefault(c => c.Type == ConditionTypes.Started) is { Status: "True", LastTransitionTime: { } at } ? Times.Utc(at) : null;

    private static void Record(Histogram<double> histogram, TimeSpan time) => histogram.Record(Math.Max(0, time.TotalSeconds));

    private static IEnumerable<Measurement<long>> ByPhase(IReadOnlyList<TrainingJob> jobs)
    {
        var counts = jobs.CountBy(j => j.Status.Phase).ToDictionary();
        return Phases.Select(phase => new Measurement<long>(counts.GetValueOrDefault(phase), new KeyValuePair<string, object?>("phase", phase)));
    }
}
