namespace AiDc.ControllerRuntime;

/// <summary>Thrown by a reconciler where trying again is pointless until the object changes.</summary>
public sealed class TerminalException : Exception
{
    public TerminalException() { }

    public TerminalException(string message) : base(message) { }

    public TerminalException(string message, Exception? inner) : base(message, inner) { }
}
