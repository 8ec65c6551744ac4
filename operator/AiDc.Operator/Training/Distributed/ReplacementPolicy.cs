using System.Globalization;
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

/// <summary>
/// Decides which workers of a distributed gang get a new pod, and on which nodes the loss is held against. There is one pod a worker
/// that counts, so there are never more than replicas.
/// </summary>
public static class ReplacementPolicy
{
    /// <summary>A kubelet tells how a container ended a second or two after its connection closed; so long its word is waited for.</summary>
    private static readonly TimeSpan KubeletsWord = TimeSpan.FromSeconds(3);

    /// <summary>A node that is good again makes no event for a pod that is on none.</summary>
    private static readonly TimeSpan AvoidedAgain = TimeSpan.FromSeconds(5);

    /// <param name="decision">On the membership, made at the same time.</param>
    /// <returns>The replacements, and when to look again for one that has to wait.</returns>
    public static (IReadOnlyList<Replacement> Replacements, TimeSpan? LookAgain) Decide(JobView view, MembershipDecision decision)
    {
        var made = new List<Replacement>();
        TimeSpan? again = null;
        foreach (var worker in view.Workers)
        {
            var (loss, wait) = worker.Pod is { } pod ? Loss(view, worker, pod, decision) : (Gone(view, worker, decision), null);
            if (wait is { } time && (again is null || time < again)) again = time;
            if (loss is not null) made.Add(loss.FailuresInRow > 0 ? loss : loss with { FailuresInRow = InRow(view, worker) });
        }
        if (made.Count == 0 && Move(view, decision) is { } move) made.Add(move);
        return (made, again);
    }

    private static (Replacement? Loss, TimeSpan? Wait) Loss(JobView view, Worker worker, ObservedPod pod, MembershipDecision decision)
    {
        if (worker.State == WorkerState.Failed) return (OfCause(view, RootCause.OfFailed(worker, view.WorkerContainer)), null);
        if (worker.State == WorkerState.Succeeded) return (EndedEarly(view, worker), null);
        if (NodeTrouble.Of(view.NodeOf(pod)) is { } trouble && (trouble.Reason != Reasons.NodeLost || pod.IsBeingDeleted || !Speaks(view, pod)))
            return (OfCause(view, new(worker, trouble.Reason, null, true, trouble.Message), isNodes: true), null);
        if (worker.State == WorkerState.Leaving) return (OfCause(view, TakenAway(view, worker)), null);
        if (decision.Evicted.FirstOrDefault(e => e.PodUid == pod.Uid && e.IsLoss) is { } evicted)
            return evicted.Reason == EvictionReason.ConnectionClosed ? (null, KubeletsWord) : (OfEviction(view, worker, evicted), null);
        if (Silence(view, pod, decision) is { } silence) return silence.Left > TimeSpan.Zero ? (null, silence.Left) : (OfSilence(view, worker), null);
        return worker.State switch
        {
            WorkerState.Starting when StartsTooLong(view, pod) => (Stuck(view, worker), null),
            WorkerState.Running when JoinsTooLate(view, pod, decision) => (NeverJoined(view, worker), null),
            WorkerState.Unscheduled when AvoidancePolicy.IsInVain(view, pod) =>
                (new(worker.Index, Next(view, worker.Index), Reasons.WorkersPending, "a node that it avoided is good again"), null),
            WorkerState.Unscheduled when pod.AvoidedNodes is not null => (null, AvoidedAgain),
            _ => (null, null),
        };
    }

    /// <summary>A member whose pod is gone without a trace. One that was no member is just created again.</summary>
    private static Replacement? Gone(JobView view, Worker worker, MembershipDecision decision) =>
        decision.Evicted.FirstOrDefault(e => e.Index == worker.Index && e.WasMember && e.Reason is EvictionReason.PodGone or EvictionReason.Left) is { } evicted
            ? OfEviction(view, worker, evicted) : null;

    /// <summary>Empties a cordoned node, one worker at a time, and only while those left can train or the gang is at full strength.</summary>
    private static Replacement? Move(JobView view, MembershipDecision decision)
    {
        if (decision.Change != MembershipChange.Keep || view.Membership is not { Hold: null } || !view.IsTraining) return null;
        var here = view.Workers.Count(w => w.State == WorkerState.Running && view.MemberUids.Contains(w.Pod!.Uid));
        if (here < view.Desired && here - 1 < GangShape.LeastWorkers(view.Spec)) return null;
        var worker = view.Workers.FirstOrDefault(w => w.State == WorkerState.Running && view.NodeOf(w.Pod!) is { IsCordoned: true, IsLost: false });
        return worker is null ? null : OfCause(view, new(worker, Reasons.NodeCordoned, null, true));
    }

    private static Replacement OfCause(JobView view, RootCause cause, bool isNodes = false)
    {
        var failure = FailureReport.Of(view, cause);
        var rule = cause.ExitCode is { } code ? view.Spec.Failure.Rules.FirstOrDefault(r => r.ExitCodes.Contains(code)) : null;
        var counts = !cause.IsDisruption && rule?.Action != FailureAction.Restart;
        var inRow = InRow(view, cause.Worker) + (cause.IsDisruption ? 0 : 1);
        return new(cause.Worker.Index, Next(view, cause.Worker.Index), cause.Reason, failure.Message!, failure)
        {
            Cause = cause,
            Counts = counts,
            FailuresInRow = inRow,
            Delay = cause.IsDisruption ? TimeSpan.Zero : RestartBackoff.Delay(inRow, $"{view.Job.Metadata.Uid}/{cause.Worker.Index}", view.Options),
            BadNode = isNodes || cause.Reason is Reasons.NodeLost or Reasons.NodeShutdown ? cause.Worker.Pod?.NodeName : null,
        };
    }

    /// <summary>How many of the worker's pods before this one failed in a row. One that lived for long has ended the row.</summary>
    private static int InRow(JobView view, Worker worker) =>
        worker.Pod?.Metadata.CreationTimestamp is { } created && view.Now - Times.Utc(created) >= view.Options.HealthyRun ? 0
            : view.Status.Replacements?.FirstOrDefault(r => r.Index == worker.Index)?.FailuresInRow ?? 0;

    private static RootCause TakenAway(JobView view, Worker worker)
    {
        var cause = RootCause.OfTakenAway(worker);
        return cause.Reason == Reasons.PodDeleted && view.NodeOf(worker.Pod!) is { IsCordoned: true } ? cause with { Reason = Reasons.NodeCordoned } : cause;
    }

    private static Replacement EndedEarly(JobView view, Worker worker)
    {
        var replacement = OfCause(view, new(worker, Reasons.WorkerFailed, worker.Pod!.Containers.FirstOrDefault(c => c.Name == view.WorkerContainer), false));
        var message = $"worker {worker.Index} ended with exit code 0 before the training was done";
        return replacement with { Message = message, Failure = replacement.Failure! with { Message = message } };
    }

    private static Replacement OfEviction(JobView view, Worker worker, Eviction evicted)
    {
        var node = worker.Pod?.NodeName ?? evicted.Node;
        return new(worker.Index, Next(view, worker.Index), GangFailures.ReasonOf(evicted.Reason), GangFailures.Message(evicted), GangFailures.Of(view, evicted))
        {
            BadNode = evicted.Reason is EvictionReason.Silent or EvictionReason.NodeLost or EvictionReason.ConnectionClosed ? node : null,
        };
    }

    private static Replacement OfSilence(JobView view, Worker worker) => OfEviction(view, worker, new(
        worker.Index, worker.Pod!.Uid, worker.Pod.Name, worker.Pod.NodeName,
        view.Snapshot.Gang!.Of(worker.Pod.Uid)!.Connected ? EvictionReason.Silent : EvictionReason.ConnectionClosed, false,
        "it is not heard any more"));

    /// <summary>How long a worker that is no member may still be silent; null for one that is heard, or whose silence is the membership's to judge.</summary>
    private static (TimeSpan Left, bool IsClosed)? Silence(JobView view, ObservedPod pod, MembershipDecision decision)
    {
        if (view.Snapshot.Gang is not { } sessions || sessions.Of(pod.Uid) is not { } session) return null;
        if (decision.Membership?.Has(pod.Uid) ?? view.MemberUids.Contains(pod.Uid)) return null;
        var limit = GoDuration.TryParse(view.Spec.Failure.LostWorkerAfter, out var after) && after > KubeletsWord ? after : KubeletsWord;
        TimeSpan[] heard = [session.ClosedAt ?? session.LastHeard, session.LastHeard, sessions.LeaderSince, sessions.ForgivenAt];
        var silent = sessions.Now - heard.Max();
        return session.Connected && silent < limit ? null : (limit - silent, session.ClosedAt is not null);
    }

    private static bool Speaks(JobView view, ObservedPod pod) =>
        view.Snapshot.Gang is { } sessions && sessions.Of(pod.Uid) is { Connected: true } session && sessions.Now - session.LastHeard < KubeletsWord;

    private static bool StartsTooLong(JobView view, ObservedPod pod) =>
        view.HasTrained && pod.Metadata.CreationTimestamp is { } created
        && GoDuration.TryParse(view.Spec.Failure.StartTimeout, out var timeout) && view.Now - Times.Utc(created) > timeout;

    private static Replacement Stuck(JobView view, Worker worker)
    {
        var why = PendingReason.Of(view)?.Message;
        var message = Words.Line(string.Create(CultureInfo.InvariantCulture,
            $"worker {worker.Index} did not start on node {worker.Pod!.NodeName} within spec.failure.startTimeout ({view.Spec.Failure.StartTimeout}){(why is null ? "" : $": {why}")}"));
        return new(worker.Index, Next(view, worker.Index), Reasons.StartTimeout, message) { BadNode = worker.Pod.NodeName };
    }

    /// <summary>Its container runs, and it is not heard to have read its data and built its model; the others train without it.</summary>
    private static bool JoinsTooLate(JobView view, ObservedPod pod, MembershipDecision decision) =>
        view.HasTrained && view.Snapshot.Gang is { } sessions && sessions.Of(pod.Uid) is not { Standing.Prepared: true }
        && !(decision.Membership?.Has(pod.Uid) ?? view.MemberUids.Contains(pod.Uid))
        && pod.Metadata.CreationTimestamp is { } created && GoDuration.TryParse(view.Spec.Failure.StalledPhaseAfter, out var limit)
        && view.Now - Times.Utc(created) > limit && sessions.Now - sessions.LeaderSince > limit;

    private static Replacement NeverJoined(JobView view, Worker worker)
    {
        var message = Words.Line(
            $"worker {worker.Index} on node {worker.Pod!.NodeName} was not ready to train within spec.failure.stalledPhaseAfter ({view.Spec.Failure.StalledPhaseAfter})");
        return new(worker.Index, Next(view, worker.Index), Reasons.Stalled, message) { BadNode = worker.Pod.NodeName };
    }

    private static int Next(JobView view, int index) => 1 + view.Snapshot.Pods
        .Where(p => p.Attempt == view.Status.Attempt && p.Index == index)
        .Select(p => p.Incarnation).Append(view.IncarnationOf(index)).Max();
}
