namespace AiDc.Trainer.Training;

/// <summary>The log of a run on this machine: a sink that also hears what only concerns whoever reads along.</summary>
public interface IRunLog : IProgressSink
{
    void Note(TrainingNote note);

    void EpochEnded(EpochSummary epoch);
}
