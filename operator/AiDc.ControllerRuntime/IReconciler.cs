namespace AiDc.ControllerRuntime;

/// <summary>
/// Brings the world to what the object of <c>request</c> asks for. Level-triggered: it reads the present state, whatever
/// event woke it, and may run at any time, but never twice at once for one request.
/// </summary>
public interface IReconciler
{
    Task<Result> ReconcileAsync(Request request, CancellationToken ct);
}

/// <summary>
/// What a controller is asked to look at: identity only, never an event or an object, because between the event and
/// the reconcile the world has moved on.
/// </summary>
public readonly record struct Request(NamespacedName Name)
{
    public override string ToString() => Name.ToString();
}

/// <summary>How a reconcile ended well. Failure is an exception, never a flag.</summary>
/// <param name="RequeueAfter">When to look again although nothing changed; null: only when something does.</param>
public readonly record struct Result(TimeSpan? RequeueAfter)
{
    public static Result Done => default;

    public static Result After(TimeSpan delay) => new(delay < TimeSpan.Zero ? TimeSpan.Zero : delay);
}

/// <summary>Thrown by a reconciler where trying again is pointless until the object changes.</summary>
public sealed class TerminalException : Exception
{
    public TerminalException() { }

    public TerminalException(string message) : base(message) { }

    public TerminalException(string message, Exception? inner) : base(message, inner) { }
}
