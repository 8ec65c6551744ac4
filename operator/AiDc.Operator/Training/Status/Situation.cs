using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Status;

/// <summary>The phase of a job that has not finished, and the reason and message that go with it.</summary>
public sealed record Situation(string Phase, string Reason, string Message)
{
    public static Situation Of(JobView view, CreationDecision creation, string? problem)
    {
        var now = Now(view, creation);
        if (problem is null) return now;
        // What runs goes on by the spec it was started with.
        return view.IsWhollyUp
            ? now with { Message = Words.Line($"{now.Message}, by the spec before; the present one is invalid: {problem}") }
            : now with { Reason = Reasons.SpecInvalid, Message = Words.Line($"invalid: {problem}") };
    }

    private static Situation Now(JobView view, CreationDecision creation)
    {
        if (ConditionHelper.Find(view.Status.Conditions, ConditionTypes.Suspended) is { Status: "True" } suspended)
            return new(suspended.Reason == Reasons.Suspended ? TrainingJobPhase.Suspended : view.Status.Phase, suspended.Reason, suspended.Message);
        if (view.IsDistributed && GangSituation.Of(view) is { } gang) return gang;
        if (view.IsWhollyUp)
            return new(TrainingJobPhase.Running, Reasons.AllWorkersRunning, Up(view));
        var (reason, message) = Waiting(view, creation);
        return new(PhaseOf(view), reason, message);
    }

    private static (string Reason, string Message) Waiting(JobView view, CreationDecision creation)
    {
        if (view.Status.NextRetryTime is { } retry && retry > view.Now)
            return (Reasons.BackOff, Words.Line(string.Create(CultureInfo.InvariantCulture,
                $"attempt {view.Status.Attempt} starts at {retry.UtcDateTime:HH:mm:ss}Z: {view.Status.LastFailure?.Message ?? "the one before failed"}")));
        if (PendingReason.Of(view) is { } wait)
            return (wait.Reason, wait.Message);
        if (creation.WaitsFor is { } what)
            return (Reasons.WorkersPending, what);
        if (view.IsDistributed && view.Workers.All(w => w.State == WorkerState.Running))
            return (Reasons.GroupForming, "the workers run and prepare to train together");
        return (Reasons.WorkersPending, view.Desired == 1 ? "creating the worker's pod" : $"creating {view.Desired} worker pods");
    }

    private static string PhaseOf(JobView view)
    {
        var hasRun = ConditionHelper.IsTrue(view.Status.Conditions, ConditionTypes.Started);
        if (hasRun && view.Status.LastFailure is { ResumedAt: null }) return TrainingJobPhase.Recovering;
        return view.Status.Attempt > 0 && view.Workers.All(w => w.State is not (WorkerState.Missing or WorkerState.Unscheduled))
            ? TrainingJobPhase.Starting
            : TrainingJobPhase.Pending;
    }

    private static string Up(JobView view)
    {
        var done = view.Workers.Count(w => w.State == WorkerState.Succeeded);
        return done > 0 ? $"{view.Desired - done} of {view.Desired} workers run, {done} succeeded"
            : view.Desired == 1 ? "the worker runs" : $"all {view.Desired} workers run";
    }
}
