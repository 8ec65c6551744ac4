using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Json;
using AiDc.Operator.Training.Jobs;
using k8s.Models;

namespace AiDc.Operator.Training.Status;

/// <summary>
/// Decides whether a changed status is written now. Transitions go at once. While the pods of a gang come up one by one only
/// counts and words change: those are gathered for a second, and progress for five.
/// </summary>
public static class StatusWritePolicy
{
    /// <returns>Zero: now. Null: there is nothing to write.</returns>
    public static TimeSpan? WriteIn(JobView view, TrainingJobStatus next)
    {
        var current = view.Status;
        if (Same(current, next)) return null;
        var (last, every) = !Same(Transitions(current), Transitions(next)) ? (null, TimeSpan.Zero)
            : !Same(current with { Progress = null }, next with { Progress = null }) ? (view.Snapshot.LastWrite, view.Options.CountsEvery)
            : (view.Snapshot.LastProgressWrite, view.Options.ProgressEvery);
        var due = last is { } at ? at + every - view.Now : TimeSpan.Zero;
        return due > TimeSpan.Zero ? due : TimeSpan.Zero;
    }

    /// <summary>Compares by content: lists and dictionaries of records are compared by reference otherwise.</summary>
    public static bool Same(TrainingJobStatus a, TrainingJobStatus b) =>
        ReferenceEquals(a, b) || RuntimeJson.ToUtf8(a).AsSpan().SequenceEqual(RuntimeJson.ToUtf8(b));

    /// <summary>A status without what changes by itself in the course of things.</summary>
    private static TrainingJobStatus Transitions(TrainingJobStatus status) => status with
    {
        Message = "",
        Progress = null,
        Checkpoint = null,
        NextRetryTime = null,
        Membership = status.Membership is { } membership ? membership with { FromStep = null } : null,
        Workers = status.Workers is { } workers ? new() { Attempt = workers.Attempt, Desired = workers.Desired } : null,
        Conditions = [.. status.Conditions.Select(c => new V1Condition { Type = c.Type, Status = c.Status, Reason = c.Reason })],
    };
}
