namespace AiDc.Trainer.Reporting;

/// <summary>
/// Whoever wants to know how the run goes: the terminal, the log, the operator. Called from the training thread (and, for
/// checkpoints, from the writer's), so implementations return at once and never throw: training waits for nobody.
/// </summary>
public interface IProgressSink
{
    /// <summary>A few times a second at most, after the first step at once, and whenever the phase or the epoch changes.</summary>
    void Report(TrainingProgress progress);

    /// <summary>A checkpoint is complete on disk.</summary>
    void CheckpointSaved(CheckpointInfo checkpoint);

    /// <summary>The result bundle is complete on disk. Nothing is reported after it.</summary>
    void Finished(TrainingResult result);
}

/// <summary>The log of a run on this machine: a sink that also hears what only concerns whoever reads along.</summary>
public interface IRunLog : IProgressSink
{
    void Note(TrainingNote note);

    void EpochEnded(EpochSummary epoch);
}

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
