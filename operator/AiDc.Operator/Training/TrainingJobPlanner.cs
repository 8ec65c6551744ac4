using AiDc.Api;
using AiDc.Operator.Training.Builders;
using AiDc.Operator.Training.Observed;
using AiDc.Operator.Training.Policies;
using AiDc.Operator.Training.Status;

namespace AiDc.Operator.Training;

/// <summary>
/// Decides what to do about a job: a pure function of what is seen and the time. Every plan is computed from the whole present
/// state and its status records what its steps are about to do, so it does not matter which operator made the one before, nor how
/// far it came.
/// </summary>
public static class TrainingJobPlanner
{
    public static TrainingPlan Plan(TrainingJobSnapshot snapshot, TrainingOptions options, DateTimeOffset now, WorkerLink? link = null)
    {
        // The garbage collector takes the pods; touching a job on its way out could only hinder.
        if (snapshot.Job.Metadata.DeletionTimestamp is not null) return TrainingPlan.Nothing;

        var seen = new JobView(snapshot, options, now);
        var hold = seen.IsFinished ? null : ValidationPolicy.Decide(seen);
        var verdict = Decide(seen, hold);
        if (verdict is Expire expire)
            return new(null, [PlannedEvent.Normal(Reasons.Expired, "Deleting", expire.Message)], [new DeleteJob(expire.Message)], null);

        var decided = seen.With(VerdictRecord.Apply(seen, verdict));
        var creation = hold is null ? CreationPolicy.Decide(decided) : CreationDecision.Nothing;
        var next = StatusBuilder.Build(decided, creation, hold?.Message ?? ValidationPolicy.Rejection(seen));

        var writeIn = StatusWritePolicy.WriteIn(seen, next);
        var writes = writeIn == TimeSpan.Zero;
        return new(
            writes ? next : null,
            writes ? LifeEvents.Between(seen, verdict, next) : [],
            [.. Deletions(decided, verdict), .. Creations(decided, creation, link)],
            Soonest(writes ? null : writeIn, creation.LookAgain, Deadlines(decided)),
            verdict is NewAttempt { Kind: not AttemptKind.Start } restart ? restart.Cause : null);
    }

    /// <summary>The order is the rule: the first policy that has something to say decides.</summary>
    private static Verdict? Decide(JobView view, Hold? hold)
    {
        if (view.IsFinished) return TtlAfterFinishedPolicy.Decide(view);
        return SuccessPolicy.Decide(view)                                   // what is done is done, whatever is asked for now
            ?? SuspendPolicy.Decide(view)                                   // stops the clock of the deadline, and explains why pods end
            ?? ActiveDeadlinePolicy.Decide(view)                            // ends all trying
            ?? (hold is null ? SuspendPolicy.Resume(view) : null)           // an invalid spec stays where it is
            ?? (hold is null ? SpecChangePolicy.Decide(view) : null)        // before failures: the edit may be the mend
            ?? (view.IsSuspended ? null : FailurePolicy.Decide(view))       // pods that end by suspension have not failed
            ?? StartTimeoutPolicy.Decide(view)                              // also under an invalid edit: it holds resources
            ?? hold
            ?? (Verdict?)FirstAttemptPolicy.Decide(view);
    }

    private static IEnumerable<PlanStep> Deletions(JobView view, Verdict? verdict)
    {
        var all = verdict is Suspend;
        foreach (var pod in view.Snapshot.Pods)
        {
            if (pod.IsBeingDeleted) continue;
            if (all) yield return new DeletePod(pod.Name, pod.Uid, "the job is suspended");
            else if (pod.Attempt < view.Status.Attempt) yield return new DeletePod(pod.Name, pod.Uid, $"attempt {pod.Attempt} is over");
            // What ended is kept for its log; what did not (the peers of a failed worker, a sidecar) would hold its GPUs.
            else if (view.IsFinished && pod.Phase is not (PodPhase.Succeeded or PodPhase.Failed))
                yield return new DeletePod(pod.Name, pod.Uid, "the job has finished");
        }
    }

    private static IEnumerable<PlanStep> Creations(JobView view, CreationDecision creation, WorkerLink? link)
    {
        if (creation.Create.Count == 0) yield break;
        var gang = new GangBlueprint(view.Job, view.Status.Attempt, view.SpecHash, link, view.Options);
        if (gang.NeedsMasterService)
            yield return new EnsureMasterService(MasterServiceBuilder.Build(view.Job, view.Status.Attempt), view.Status.Attempt);
        yield return new CreateWorkers(gang, creation.Create);
    }

    private static TimeSpan? Deadlines(JobView view) =>
        view.IsFinished ? TtlAfterFinishedPolicy.Remaining(view)
            : view.IsSuspended ? null
            : Soonest(ActiveDeadlinePolicy.Remaining(view), StartTimeoutPolicy.Remaining(view));

    private static TimeSpan? Soonest(params ReadOnlySpan<TimeSpan?> times)
    {
        TimeSpan? soonest = null;
        foreach (var time in times)
            if (time is { } t && (soonest is null || t < soonest)) soonest = t > TimeSpan.Zero ? t : TimeSpan.Zero;
        return soonest;
    }
}
