namespace AiDc.Operator.Membership;

/// <summary>Why there is a new generation. Also the label of a metric.</summary>
public enum FormationCause
{
    None,
    First,
    Loss,
    Broken,
    Leaving,
    Join,
    Resize,

    /// <summary>The leader before did not get the group started.</summary>
    NewLeader,

    /// <summary>Enough workers are there again.</summary>
    Resumed,
}
