namespace AiDc.Trainer.Training;

/// <summary>The log and all other sinks as one.</summary>
public sealed class ProgressSinks(IRunLog log, params IReadOnlyList<IProgressSink> others) : IRunLog
{
    public void Note(TrainingNote note) => log.Note(note);

    public void EpochEnded(EpochSummary epoch) => log.EpochEnded(epoch);

    public void Report(TrainingProgress progress)
    {
        log.Report(progress);
        foreach (var sink in others) sink.Report(progress);
    }

    public void CheckpointSaved(CheckpointInfo checkpoint)
    {
        log.CheckpointSaved(checkpoint);
        foreach (var sink in others) sink.CheckpointSaved(checkpoint);
    }

    public void Finished(TrainingResult result)
    {
        log.Finished(result);
        foreach (var sink in others) sink.Finished(result);
    }
}
