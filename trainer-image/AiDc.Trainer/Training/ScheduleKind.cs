namespace AiDc.Trainer.Training;

/// <summary>How the learning rate changes over the run.</summary>
public enum ScheduleKind
{
    Constant,

    /// <summary>Multiplied by gamma every stepEpochs epochs.</summary>
    Step,

    /// <summary>Half a cosine from the full rate to 0 at the last step.</summary>
    Cosine,

    /// <summary>Multiplied by gamma every epoch.</summary>
    Exponential,
}
