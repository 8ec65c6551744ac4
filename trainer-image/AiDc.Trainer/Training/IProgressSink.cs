namespace AiDc.Trainer.Training;

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
