namespace AiDc.Operator.Training.Jobs;

/// <summary>Where one worker of the present attempt is.</summary>
public enum WorkerState
{
    /// <summary>It has no pod.</summary>
    Missing,

    /// <summary>Its pod has no node.</summary>
    Unscheduled,

    /// <summary>Its pod has a node, its container does not run yet.</summary>
    Starting,

    Running,

    /// <summary>Its container ended with exit code 0.</summary>
    Succeeded,

    Failed,

    /// <summary>Somebody else deletes its pod.</summary>
    Leaving,
}
