using AiDc.Api;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Builders;
using AiDc.Operator.Training.Distributed;
using AiDc.Operator.Training.Jobs;
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
    /// <summary>How soon it is asked again for the address and certificates of the coordinator.</summary>
    private static readonly TimeSpan LinkAgain = TimeSpan.FromSeconds(2);

    /// <param name="link">Where workers find the coordinator; null where there is none, or it cannot be told now.</param>
    /// <param name="linkProblem">Why it cannot be told now: no pod is created until it can, and all else goes on.</param>
    public static TrainingPlan Plan(TrainingJobSnapshot snapshot, TrainingOptions options, DateTimeOffset now, WorkerLink? link = null, string? linkProblem = null)
    {
        // The garbage collector takes the pods, and waits for those that no kubelet will ever let go of.
        if (snapshot.Job.Metadata.DeletionTimestamp is not null)
            return LostPodPolicy.Decide([.. snapshot.Pods, .. snapshot.LeftBehind], snapshot.Nodes).ToList() is { Count: > 0 } lost
                ? TrainingPlan.Nothing with { Steps = lost } : TrainingPlan.Nothing;
        var seen = new JobView(snapshot, options, now);
        var invalid = seen.IsFinished ? null : ValidationPolicy.Decide(seen);
        var gang = GangPlanner.Decide(seen);
        var verdict = Decide(seen, invalid, gang);
        if (verdict is Expire expire)
            return new(null, [PlannedEvent.Normal(Reasons.Expired, "Deleting", expire.Message)], [new DeleteJob(expire.Message)], null);

        if (seen.IsDistributed && GangPlanner.Ends(verdict)) gang = GangPlanner.End(seen, gang);
        var decided = seen.With(GangRecord.Apply(seen, VerdictRecord.Apply(seen, verdict), verdict, gang));
        var creation = invalid is null ? CreationPolicy.Decide(decided) : CreationDecision.Nothing;
        if (linkProblem is not null && creation.Create.Count > 0) creation = new([], LinkAgain, Words.Line(linkProblem));
        if (gang.Membership.Message.Length > 0 && creation.WaitsFor is null) creation = creation with { WaitsFor = gang.Membership.Message };
        var next = StatusBuilder.Build(decided, creation, invalid?.Message ?? ValidationPolicy.Rejection(seen));

        var writeIn = StatusWritePolicy.WriteIn(seen, next);
        var writes = writeIn == TimeSpan.Zero;
        return new(
            writes ? next : null,
            writes ? [.. LifeEvents.Between(seen, verdict, next), .. GangEvents.Of(seen, verdict, gang, next)] : [],
            [.. Announcements(gang), .. LostPodPolicy.Decide(snapshot.LeftBehind, snapshot.Nodes), .. Deletions(decided, verdict), .. Creations(decided, creation, link)],
            Soonest(writes ? null : writeIn, creation.LookAgain, Deadlines(decided), gang.LookAgain),
            verdict is NewAttempt { Kind: not AttemptKind.Start } restart ? restart.Cause : null);
    }

    /// <summary>The order is the rule: the first policy that has something to say decides.</summary>
    private static Verdict? Decide(JobView view, InvalidSpec? invalid, GangDecision gang)
    {
        if (view.IsFinished) return TtlAfterFinishedPolicy.Decide(view);
        return SuccessPolicy.Decide(view)                                   // what is done is done, whatever is asked for now
            ?? GangSuccess.Decide(view)                                     // the same of a gang that trains together
            ?? SuspendPolicy.Decide(view)                                   // stops the clock of the deadline, and explains why pods end
            ?? ActiveDeadlinePolicy.Decide(view)                            // ends all trying
            ?? (invalid is null ? SuspendPolicy.Resume(view) : null)           // an invalid spec stays where it is
            ?? (invalid is null ? SpecChangePolicy.Decide(view) : null)        // before failures: the edit may be the fix
            ?? (view.IsSuspended ? null : FailurePolicy.Decide(view))       // pods that end by suspension have not failed
            ?? (view.IsSuspended ? null : GangFailurePolicy.Decide(view, gang)) // the same of a gang that loses workers and goes on
            ?? (view.IsSuspended ? null : StallPolicy.Decide(view))         // what runs and does nothing
            ?? (invalid is null ? AvoidancePolicy.Decide(view) : null)         // a node is back that its pods may not use
            ?? StartTimeoutPolicy.Decide(view)                              // also under an invalid edit: it holds resources
            ?? invalid
            ?? (Verdict?)FirstAttemptPolicy.Decide(view);
    }

    private static IEnumerable<PlanStep> Announcements(GangDecision gang)
    {
        if (gang.ChangesMembership) yield return new AnnounceMembership(gang.Membership);
    }

    private static IEnumerable<PlanStep> Deletions(JobView view, Verdict? verdict)
    {
        var all = verdict is Suspend;
        var superseded = view.SupersededPods.Select(p => p.Uid).ToHashSet();
        foreach (var pod in view.Snapshot.Pods)
        {
            // A kubelet that is gone never says that a pod has ended: it would hang in Terminating and hold its quota.
            var force = view.NodeOf(pod)?.IsLost == true;
            if (pod.IsBeingDeleted)
            {
                if (force) yield return new DeletePod(pod.Name, pod.Uid, $"node {pod.NodeName} is lost", Force: true);
                continue;
            }
            if (all) yield return new DeletePod(pod.Name, pod.Uid, "the job is suspended", force);
            else if (pod.Attempt < view.Status.Attempt) yield return new DeletePod(pod.Name, pod.Uid, $"attempt {pod.Attempt} is over", force);
            // What ended is kept for its log; what did not (the peers of a failed worker, a sidecar) would hold its GPUs.
            else if (view.IsFinished && pod.Phase is not (PodPhase.Succeeded or PodPhase.Failed))
                yield return new DeletePod(pod.Name, pod.Uid, "the job has finished", force);
            else if (!view.IsFinished && superseded.Contains(pod.Uid))
                yield return new DeletePod(pod.Name, pod.Uid, pod.Index < view.Desired ? $"worker {pod.Index} was replaced" : "the gang was made smaller", force);
        }
    }

    private static IEnumerable<PlanStep> Creations(JobView view, CreationDecision creation, WorkerLink? link)
    {
        if (creation.Create.Count == 0) yield break;
        var gang = new GangBlueprint(view.Job, view.Status.Attempt, view.SpecHash, link, view.Options) { AvoidedNodes = AvoidancePolicy.Nodes(view) };
        var replaced = view.Status.Replacements?.Where(r => creation.Create.Contains(r.Index)).ToDictionary(r => r.Index, r => r.Incarnation);
        if (gang.NeedsMasterService)
            yield return new EnsureMasterService(MasterServiceBuilder.Build(view.Job, view.Status.Attempt), view.Status.Attempt);
        yield return new CreateWorkers(gang, creation.Create, replaced is { Count: > 0 } ? replaced : null);
    }

    private static TimeSpan? Deadlines(JobView view) =>
        view.IsFinished ? TtlAfterFinishedPolicy.Remaining(view)
            : view.IsSuspended ? null
            : Soonest(ActiveDeadlinePolicy.Remaining(view), StartTimeoutPolicy.Remaining(view), StallPolicy.Remaining(view),
                GangFailurePolicy.HoldRemaining(view), GangSuccess.LookAgain(view), StragglerPolicy.LookAgain(view),
                view.IsDistributed ? null : AvoidancePolicy.LookAgain(view));

    private static TimeSpan? Soonest(params ReadOnlySpan<TimeSpan?> times)
    {
        TimeSpan? soonest = null;
        foreach (var time in times)
            if (time is { } t && (soonest is null || t < soonest)) soonest = t > TimeSpan.Zero ? t : TimeSpan.Zero;
        return soonest;
    }
}
