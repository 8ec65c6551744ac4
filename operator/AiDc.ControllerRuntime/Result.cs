namespace AiDc.ControllerRuntime;

/// <summary>How a reconcile ended well. Failure is an exception, never a flag.</summary>
/// <param name="RequeueAfter">When to look again although nothing changed; null: only when something does.</param>
public readonly record struct Result(TimeSpan? RequeueAfter)
{
    public static Result Done => default;

    public static Result After(TimeSpan delay) => new(delay < TimeSpan.Zero ? TimeSpan.Zero : delay);
}
