namespace AiDc.ControllerRuntime;

/// <summary>
/// Brings the world to what the object of <c>request</c> asks for. Level-triggered: it reads the present state, whatever
/// event woke it, and may run at any time, but never twice at once for one request.
/// </summary>
public interface IReconciler
{
    Task<Result> ReconcileAsync(Request request, CancellationToken ct);
}
