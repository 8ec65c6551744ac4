namespace AiDc.Operator.Membership;

/// <summary>What the API server knows of a worker's pod.</summary>
public enum GangPodState
{
    /// <summary>Its container does not run yet.</summary>
    Starting,

    Running,

    /// <summary>Its container ended, however: it takes part in nothing any more.</summary>
    Ended,
}
