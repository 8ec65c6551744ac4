using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Tests.Training;

/// <summary>Keeps what a run says; a test may also act on it.</summary>
internal sealed class RecordingLog : IRunLog
{
    private readonly Lock _lock = new();

    public List<TrainingNote> Notes { get; } = [];

    public List<TrainingProgress> Reports { get; } = [];

    public List<EpochSummary> Epochs { get; } = [];

    public List<CheckpointInfo> Checkpoints { get; } = [];

    public List<TrainingResult> Results { get; } = [];

    public Action<TrainingProgress>? OnReport { get; init; }

    public void Note(TrainingNote note)
    {
        lock (_lock) Notes.Add(note);
    }

    /// <summary>From any thread.</summary>
    public bool Noted(string name)
    {
        lock (_lock) return Notes.Exists(n => n.Event == name);
    }

    public void EpochEnded(EpochSummary epoch) => Epochs.Add(epoch);

    public void Report(TrainingProgress progress)
    {
        Reports.Add(progress);
        OnReport?.Invoke(progress);
    }

    public void CheckpointSaved(CheckpointInfo checkpoint)
    {
        lock (_lock) Checkpoints.Add(checkpoint);
    }

    public void Finished(TrainingResult result) => Results.Add(result);
}
