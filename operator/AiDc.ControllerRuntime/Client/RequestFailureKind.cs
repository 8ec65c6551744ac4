namespace AiDc.ControllerRuntime.Client;

public enum RequestFailureKind
{
    /// <summary>The server answered with an error.</summary>
    Answered,

    /// <summary>No connection was made.</summary>
    NeverSent,

    /// <summary>The connection broke before the answer was whole: the server may have acted.</summary>
    Broken,

    /// <summary>No answer in time: the server may have acted.</summary>
    TimedOut,
}
