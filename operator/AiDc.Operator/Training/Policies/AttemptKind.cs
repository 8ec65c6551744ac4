namespace AiDc.Operator.Training.Policies;

/// <summary>How a new attempt is counted.</summary>
public enum AttemptKind
{
    /// <summary>The first one, or the one after a suspension: no restart.</summary>
    Start,

    /// <summary>A restart that is not the job's own fault, or that its rules forgive.</summary>
    Restart,

    /// <summary>A restart that counts towards spec.failure.maxRestarts.</summary>
    CountedRestart,
}
