namespace AiDc.Gateway.Forwarding;

/// <summary>How sending a request to a replica ended.</summary>
internal enum AttemptEnd
{
    /// <summary>There is an answer, and it was passed on.</summary>
    Answered,

    /// <summary>The replica is about to end and did not process it.</summary>
    Draining,

    /// <summary>The replica's queue is full and it did not process it.</summary>
    Full,

    /// <summary>There was no connection: not a byte was sent.</summary>
    NotConnected,

    /// <summary>The connection broke before an answer came: the replica may have processed it, or half of it.</summary>
    Broken,

    /// <summary>Nothing is heard of the replica any more, and this gateway gave up on it.</summary>
    Abandoned,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The connection broke in the middle of the answer.</summary>
    BrokenAnswer,

    /// <summary>The client went away.</summary>
    ClientLeft,

    /// <summary>The client's request is malformed.</summary>
    ClientFault,
}
