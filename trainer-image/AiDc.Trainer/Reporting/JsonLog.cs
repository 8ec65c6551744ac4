using System.Text.Json;
using System.Text.Json.Nodes;
using AiDc.Api;

namespace AiDc.Trainer.Reporting;

/// <summary>One JSON object a line: {"at", "level", "event", …}. For logs that machines read.</summary>
/// <param name="stepEvery">Time between two lines about steps; changes of the phase come at once.</param>
public sealed class JsonLog(TextWriter output, TimeProvider time, TimeSpan stepEvery) : ILineLog
{
    private const int LongestMessage = 1000;

    private readonly Lock _lock = new();
    private long? _lastStep;
    private (TrainingPhase Phase, int Epoch)? _last;

    public void Report(TrainingProgress progress)
    {
        lock (_lock)
        {
            var changed = _last != (progress.Phase, progress.Epoch);
            if (!changed && _lastStep is { } last && time.GetElapsedTime(last) < stepEvery) return;
            (_last, _lastStep) = ((progress.Phase, progress.Epoch), time.GetTimestamp());
        }

        Write("info", progress.Phase == TrainingPhase.Training ? "step" : "phase", line =>
        {
            line["phase"] = JsonNamingPolicy.KebabCaseLower.ConvertName(progress.Phase.ToString());
            (line["epoch"], line["epochs"]) = (progress.Epoch, progress.Epochs);
            (line["step"], line["totalSteps"]) = (progress.Step, progress.TotalSteps);
            line["loss"] = Number(progress.Loss);
            line["metrics"] = Metrics(progress.Metrics);
            line["samplesPerSecond"] = Number(Math.Round(progress.SamplesPerSecond, 1));
            line["dataWaitShare"] = Number(Math.Round(progress.DataWaitShare, 4));
            line["etaSeconds"] = progress.Eta is { } eta ? Number(Math.Round(eta.TotalSeconds)) : null;
        });
    }

    public void EpochEnded(EpochSummary epoch) => Write("info", "epoch", line =>
    {
        (line["epoch"], line["epochs"], line["step"]) = (epoch.Epoch, epoch.Epochs, epoch.Step);
        line["learningRate"] = Number(epoch.LearningRate);
        line["metrics"] = Metrics(epoch.Metrics);
    });

    public void CheckpointSaved(CheckpointInfo checkpoint) => Write("info", "checkpoint", line =>
    {
        (line["generation"], line["step"], line["path"]) = (checkpoint.Generation, checkpoint.Step, checkpoint.Path);
        (line["bytes"], line["seconds"]) = (checkpoint.Bytes, Number(Math.Round(checkpoint.Duration.TotalSeconds, 3)));
    });

    public void Finished(TrainingResult result) => Write("info", "result", line =>
    {
        line["path"] = result.Path;
        line["metrics"] = Metrics(result.Metrics);
    });

    public void Note(TrainingNote note) => Write(note.Level, note.Event, line => line["message"] = note.Message);

    public void Failed(int exitCode, string message, string? detail)
    {
        // Kubernetes keeps the last 2 KiB of a failed container's log: the line that matters must be short and come last.
        if (detail is not null) Write("error", "error-detail", line => line["detail"] = detail);
        var stopped = exitCode >= ExitCodes.Interrupted;
        Write(stopped ? "info" : "error", stopped ? "stopped" : "error", line =>
        {
            line["message"] = message.Length <= LongestMessage ? message : message[..LongestMessage] + "…";
            line["exitCode"] = exitCode;
        });
    }

    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonObject Metrics(IReadOnlyDictionary<string, double> metrics)
    {
        var json = new JsonObject();
        foreach (var (name, value) in metrics) json[name] = Number(value);
        return json;
    }

    /// <summary>A line of a kind of its own.</summary>
    public void Write(string level, string name, Action<JsonObject> fill)
    {
        var line = new JsonObject { ["at"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"), ["level"] = level, ["event"] = name };
        fill(line);
        var text = line.ToJsonString(Json.Line);
        lock (_lock) output.WriteLine(text);
    }
}
