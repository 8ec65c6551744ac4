using AiDc.ControllerRuntime.Client;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>The classification of what a reconcile threw.</summary>
public static class ReconcileOutcomes
{
    public static ReconcileOutcome Of(Result result) => result.RequeueAfter is null ? ReconcileOutcome.Done : ReconcileOutcome.Requeue;

    public static ReconcileOutcome Of(Exception thrown, bool stopping, bool timedOut) => thrown switch
    {
        OperationCanceledException when stopping => ReconcileOutcome.Stopped,
        OperationCanceledException when timedOut => ReconcileOutcome.Timeout,
        ApiException { IsConflict: true } or ApiException { IsAlreadyExists: true } => ReconcileOutcome.Conflict,
        TerminalException => ReconcileOutcome.Terminal,
        _ => ReconcileOutcome.Error,
    };
}
