using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Membership;
using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Distributed;

/// <summary>From what is seen of a job to what the decision on its membership looks at, and back into its status.</summary>
public static class GangViews
{
    /// <summary>Null while it cannot be decided: nobody leads here, or the gang has no pods.</summary>
    /// <param name="allLeave">The plan deletes all pods: their workers are taken for leaving before they have heard of it.</param>
    public static GangView? Of(JobView view, bool isEnding, bool allLeave = false)
    {
        if (view.Snapshot.Gang is not { } sessions || view.Status.Attempt == 0) return null;
        if (allLeave) sessions = sessions with { Members = [.. sessions.Members.Select(m => m with { Leaving = true })] };
        var pods = view.Snapshot.Pods.Where(p => p.Attempt == view.Status.Attempt).ToList();
        if (pods.Count == 0 && view.Membership is null) return null;
        return new()
        {
            Attempt = view.Status.Attempt,
            Recorded = Recorded(view.Status.Membership),
            Sessions = sessions,
            Pods = [.. pods.Select(p => PodOf(view, p))],
            Size = new(view.Desired, Math.Clamp(GangShape.LeastWorkers(view.Spec), 1, Math.Max(1, view.Desired))),
            Processes = GangShape.Processes(view.Spec),
            LostWorkerAfter = GoDuration.TryParse(view.Spec.Failure.LostWorkerAfter, out var after) ? after : TimeSpan.FromSeconds(3),
            TrainingHasEnded = GangSuccess.IsFinishing(view),
            Stalled = StallPolicy.FormsAnew(view),
            IsEnding = isEnding,
        };
    }

    public static RecordedMembership? Recorded(MembershipStatus? status) => status is null ? null : new(
        status.Generation, status.Attempt, [.. status.Members.Select(m => new GangMember(m.Index, m.PodUid, m.Witness))], status.Hold);

    public static MembershipStatus Status(JobView view, RecordedMembership membership)
    {
        var now = Times.Milliseconds(view.Now);
        var before = view.Membership;
        return new()
        {
            Generation = membership.Generation,
            Attempt = membership.Attempt,
            Members = [.. membership.Members.Select(m => new MembershipMember { Index = m.Index, PodUid = m.PodUid, Witness = m.IsWitness })],
            LastStep = view.LastStep,
            At = now,
            Hold = membership.Hold is { } why ? Words.Line(why) : null,
            // Forming that comes to nothing does not start the wait anew.
            HeldSince = membership.IsHold ? before?.HeldSince ?? now : before is { FirstStep: null } ? before.HeldSince : null,
        };
    }

    private static GangPod PodOf(JobView view, ObservedPod pod)
    {
        var node = view.NodeOf(pod);
        var trouble = NodeTrouble.Of(node);
        // A kubelet may die and its pods live on: while their workers speak, only what asks them to end is lost on it.
        var isLost = trouble is not null && (trouble.Reason != Reasons.NodeLost || pod.IsBeingDeleted);
        return new(pod.Index, pod.Incarnation, pod.Uid, pod.Name)
        {
            Node = pod.NodeName,
            State = Worker.Of(pod.Index, pod, view.WorkerContainer) switch
            {
                _ when pod.Phase is PodPhase.Failed or PodPhase.Succeeded => GangPodState.Ended,
                { State: WorkerState.Failed or WorkerState.Succeeded } => GangPodState.Ended,
                { State: WorkerState.Running or WorkerState.Leaving } => GangPodState.Running,
                _ => GangPodState.Starting,
            },
            IsBeingDeleted = pod.IsBeingDeleted,
            NodeIsAvoided = node is { IsLost: true } or { IsReady: false } or { IsCordoned: true },
            LostBecause = isLost ? trouble!.Message : null,
        };
    }
}
