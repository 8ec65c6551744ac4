using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Status;

/// <summary>Makes status.workers.</summary>
public static class WorkersReport
{
    public static WorkersStatus? Of(JobView view)
    {
        var pods = view.Snapshot.Pods.Count(p => p.Metadata.DeletionTimestamp is null);
        if (view.IsFinished && view.Status.Workers is { } last && !view.GangPods.Any()) return last with { Pods = pods };
        var up = view.Workers.Count(w => w.IsUp && (!view.IsTraining || view.MemberUids.Contains(w.Pod!.Uid)));
        // Members are listed once all have a pod, and from then on: that is how a pod taken away is told from one not yet created.
        var whole = view.Status.Attempt > 0 && (view.IsComplete || view.IsDistributed || view.Workers.All(w => w.Pod is not null));
        return new()
        {
            Ready = up,
            Pods = pods,
            Desired = view.Desired,
            Summary = WorkersStatus.Summarize(up, view.Desired),
            Attempt = view.Status.Attempt,
            Generation = view.Membership?.Generation,
            Selector = $"{Labels.JobUid}={view.Job.Metadata.Uid}",
            Members = whole ? Members(view) : [],
        };
    }

    private static List<WorkerMember> Members(JobView view) =>
        [.. view.Workers.OrderBy(w => w.IsUp).ThenBy(w => w.Index).Take(WorkersStatus.MaxMembers).Select(w => Member(view, w))];

    private static WorkerMember Member(JobView view, Worker worker) =>
        worker.Pod is { } pod
            ? new() { Index = worker.Index, Pod = pod.Name, Node = pod.NodeName, Phase = worker.State == WorkerState.Leaving ? "Terminating" : pod.Phase.ToString() }
            : view.IsDistributed ? new() { Index = worker.Index, Pod = Names.WorkerPod(view.Job.Metadata.Name, worker.Index, view.Status.Attempt, view.IncarnationOf(worker.Index)), Phase = "Missing" }
            : view.Status.Workers?.Members.FirstOrDefault(m => m.Index == worker.Index) is { } known
                ? known with { Phase = "Gone" }
                : new() { Index = worker.Index, Phase = "Gone" };
}
