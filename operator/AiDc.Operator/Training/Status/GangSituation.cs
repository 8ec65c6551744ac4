using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Distributed;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Status;

/// <summary>What a distributed gang is doing, in words.</summary>
public static class GangSituation
{
    /// <summary>Null where it is like any other gang: before the first group of an attempt.</summary>
    public static Situation? Of(JobView view)
    {
        if (view.Membership is not { } membership) return null;
        if (view.IsTraining) return Training(view, membership);
        if (!ConditionHelper.IsTrue(view.Status.Conditions, ConditionTypes.Started)) return null;
        var why = view.Status.LastFailure is { ResumedAt: null, Message: { } message } ? $": {message}" : "";
        if (membership.Hold is { } hold)
            return new(TrainingJobPhase.Recovering, Reasons.Holding, Words.Line($"{hold}{Until(view)}{why}{Waits(view)}"));
        var waitsForAttempt = membership.FirstStep is null && view.Status.NextRetryTime > view.Now;
        return waitsForAttempt ? null : new(TrainingJobPhase.Recovering, Reasons.GroupForming,
            Words.Line($"generation {membership.Generation} of {Count(membership.Members.Count)} is being formed{why}"));
    }

    private static Situation Training(JobView view, MembershipStatus membership)
    {
        var members = membership.Members.Count;
        var done = view.Workers.Count(w => w.State == WorkerState.Succeeded);
        if (done > 0) return new(TrainingJobPhase.Running, Reasons.MembersTrain, $"{done} of {Count(members)} succeeded, the others end");
        if (members >= view.Desired)
            return new(TrainingJobPhase.Running, Reasons.AllWorkersRunning, $"all {Count(members)} train (generation {membership.Generation})");
        return new(TrainingJobPhase.Running, Reasons.MembersTrain,
            Words.Line($"{members} of {Count(view.Desired)} train (generation {membership.Generation}){Waits(view)}"));
    }

    private static string Count(int workers) => workers == 1 ? "1 worker" : $"{workers} workers";

    private static string Waits(JobView view) =>
        PendingReason.Of(view) is { } wait ? $"; waiting for the others: {wait.Message}" : "";

    private static string Until(JobView view) =>
        GangFailurePolicy.HoldRemaining(view) is { } left
            ? string.Create(CultureInfo.InvariantCulture, $" (until {(view.Now + left).UtcDateTime:HH:mm:ss}Z)") : "";
}
