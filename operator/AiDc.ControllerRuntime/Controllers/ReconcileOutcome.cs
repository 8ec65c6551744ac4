using AiDc.ControllerRuntime.Client;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>How a reconcile ended, as the loop treats it.</summary>
public enum ReconcileOutcome
{
    /// <summary>Forget failures; wait for a change.</summary>
    Done,

    /// <summary>Forget failures; look again after the time asked for.</summary>
    Requeue,

    /// <summary>Somebody else wrote first: try again with back-off, quietly.</summary>
    Conflict,

    /// <summary>Try again with back-off, for ever.</summary>
    Error,

    /// <summary>It took too long; as an error.</summary>
    Timeout,

    /// <summary>Wait for a change.</summary>
    Terminal,

    /// <summary>The process ends.</summary>
    Stopped,
}

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
