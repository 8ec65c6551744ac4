namespace AiDc.Gateway.Forwarding;

/// <summary>What follows an attempt.</summary>
internal enum RetryVerdict
{
    /// <summary>Nothing: the client has its answer, or is gone.</summary>
    Done,

    /// <summary>To another replica; nothing was processed, so it costs nothing.</summary>
    Again,

    /// <summary>To another replica, out of the budget.</summary>
    AgainPaid,

    /// <summary>The client is told that it failed.</summary>
    GiveUp,
}
