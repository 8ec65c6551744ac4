namespace AiDc.ControllerRuntime.Leadership;

public enum LeaseAction
{
    /// <summary>There is no lease: create it, ours.</summary>
    Create,

    /// <summary>It was released or its holder fell silent: take it.</summary>
    Acquire,

    /// <summary>It is ours: say that we live.</summary>
    Renew,

    /// <summary>Somebody else leads.</summary>
    Wait,

    /// <summary>We led and do not any more.</summary>
    Lost,
}
