using AiDc.Api;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Distributed;

/// <summary>Whether the training of a distributed gang is done. One of its members writes the result, and they do not end at the same instant.</summary>
public static class GangSuccess
{
    /// <summary>So long the other members may take to end after the first that has ended well.</summary>
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(10);

    /// <summary>The word that the training is done holds for so long; when nobody has succeeded by then, it was not.</summary>
    private static readonly TimeSpan Word = TimeSpan.FromSeconds(60);

    /// <summary>A distributed job has succeeded when its members have ended with a result.</summary>
    public static Finish? Decide(JobView view)
    {
        if (!view.IsDistributed || view.Status.Attempt == 0 || !IsDone(view)) return null;
        var members = view.Membership?.Members.Count ?? view.Desired;
        return new(true, Reasons.WorkersSucceeded, members == 1 ? "the worker succeeded" : $"all {members} workers succeeded");
    }

    /// <summary>Whoever ends now is not missed.</summary>
    public static bool IsFinishing(JobView view) =>
        view.Status.Result is not null || WithResult(view) is not null
        || view.Workers.Any(w => w.State == WorkerState.Succeeded && EndedAt(view, w.Pod!) is { } at && view.Now - at < Ending)
        || (view.Snapshot.Progress is { Finished: { } finished } progress && progress.Attempt == view.Status.Attempt && view.Now - finished.At < Word);

    /// <summary>The result is written, and the others have ended or had the time to.</summary>
    public static bool IsDone(JobView view) => WithResult(view) is { } worker
        ? view.Workers.All(w => w.State is not (WorkerState.Running or WorkerState.Leaving))
            || (EndedAt(view, worker) is { } at && view.Now - at > Ending)
        // Once recorded it is there, whatever becomes of the pod that told it.
        : view.Status.Result is not null;

    /// <summary>When to look again for the end of the others.</summary>
    public static TimeSpan? LookAgain(JobView view) => view.IsDistributed && !view.IsFinished && IsFinishing(view) ? TimeSpan.FromSeconds(1) : null;

    private static ObservedPod? WithResult(JobView view) =>
        view.Workers.FirstOrDefault(w => w.State == WorkerState.Succeeded && ResultReport.IsIn(view, w.Pod!))?.Pod
        // An image that writes no such message, but said over its stream that it is done, succeeds by all having ended well.
        ?? (view.Snapshot.Progress is { Finished: not null } progress && progress.Attempt == view.Status.Attempt && AllMembersSucceeded(view)
            ? view.Workers.First(w => w.State == WorkerState.Succeeded).Pod : null);

    private static DateTimeOffset? EndedAt(JobView view, ObservedPod pod) => pod.Containers.FirstOrDefault(c => c.Name == view.WorkerContainer)?.FinishedAt;

    private static bool AllMembersSucceeded(JobView view) => view.Membership is { Members.Count: > 0 } membership
        && membership.Members.All(m => view.Workers.Any(w => w.Pod?.Uid == m.PodUid && w.State == WorkerState.Succeeded));
}
