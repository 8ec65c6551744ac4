using AiDc.Trainer.Data;
using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Training;

/// <summary>Passes on how far the reading of the data is, from whichever threads read.</summary>
/// <param name="every">Time between two reports.</param>
internal sealed class LoadingProgress(IProgressSink sink, int epochs, TimeProvider time, TimeSpan every) : IProgress<ReadProgress>
{
    /// <summary>The metric that tells it, in [0, 1].</summary>
    public const string Metric = "loaded";

    private readonly Lock _lock = new();
    private long _last = time.GetTimestamp();

    public void Report(ReadProgress value)
    {
        lock (_lock)
        {
            if (value.Total <= 0 || time.GetElapsedTime(_last) < every) return;
            _last = time.GetTimestamp();
            var metrics = new Dictionary<string, double> { [Metric] = Math.Round((double)value.Done / value.Total, 3) };
            sink.Report(new(TrainingPhase.Loading, 0, epochs, 0, 0, double.NaN, metrics, 0, 0, 0, null));
        }
    }
}
