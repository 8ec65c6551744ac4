namespace AiDc.Operator.Membership;

/// <summary>What becomes of the recorded membership.</summary>
public enum MembershipChange
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>A new generation trains.</summary>
    Form,

    /// <summary>Too few live: whoever does keeps the state in memory and waits.</summary>
    Hold,

    /// <summary>Nobody who lives can carry the training on: the whole gang has to start again, from its checkpoint.</summary>
    Restart,
}
