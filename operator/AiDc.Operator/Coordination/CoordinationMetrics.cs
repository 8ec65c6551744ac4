using System.Diagnostics.Metrics;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Coordination.Board;
using AiDc.Operator.Coordination.Sessions;

namespace AiDc.Operator.Coordination;

/// <summary>What passes through the coordinator, as instruments. No job or pod is ever a label.</summary>
internal sealed class CoordinationMetrics
{
    /// <summary>A job that has said nothing for so long is not counted into the present throughput.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly Counter<long> messages;
    private readonly Counter<long> refusals;
    private readonly Histogram<double> stepSeconds;
    private readonly Histogram<double> checkpointSeconds;

    public CoordinationMetrics(IMeterFactory factory, ProgressBoard board, SessionRegistry sessions, TimeProvider clock)
    {
        var meter = factory.Create(KubernetesOperatorOptions.DefaultMeterName);
        messages = meter.CreateCounter<long>("coordinator_messages_total", null, "Messages of workers, by kind.");
        refusals = meter.CreateCounter<long>("coordinator_refusals_total", null, "Workers and requests turned away, by reason.");
        stepSeconds = meter.CreateHistogram("training_step_seconds", "s", "Mean duration of a training step, once a report.", [],
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
        checkpointSeconds = meter.CreateHistogram("checkpoint_seconds", "s", "Duration of writing a checkpoint, in the background of the training.", [],
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] });
        meter.CreateObservableGauge("coordinator_sessions", () => sessions.Count, null, "Streams of workers that are open.");
        meter.CreateObservableGauge("training_samples_per_second", () => SamplesPerSecond(board.List(), clock.GetUtcNow()), null,
            "Throughput of all jobs heard within the last minute together.");
        meter.CreateObservableGauge("checkpoint_age_seconds", () => OldestCheckpoint(board.List(), clock.GetUtcNow()), "s",
            "Age of the newest checkpoint, of the running job where it is oldest; a job without one counts from its first step.");
    }

    public void Message(string kind) => messages.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Refused(string reason) => refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Step(double seconds) => stepSeconds.Record(seconds);

    public void Checkpoint(double seconds) => checkpointSeconds.Record(seconds);

    internal static double SamplesPerSecond(IEnumerable<JobProgress> jobs, DateTimeOffset now) =>
        jobs.Where(j => IsRunning(j, now)).Sum(j => j.Training?.SamplesPerSecond ?? 0);

    internal static double OldestCheckpoint(IEnumerable<JobProgress> jobs, DateTimeOffset now) =>
        jobs.Where(j => IsRunning(j, now)).Select(j => j.Checkpoint?.At ?? j.FirstStepAt).OfType<DateTimeOffset>()
            .Select(at => (now - at).TotalSeconds).DefaultIfEmpty(0).Max();

    private static bool IsRunning(JobProgress job, DateTimeOffset now) => job.Finished is null && now - job.LastHeardAt < Fresh;
}
