using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Distributed;

/// <summary>
/// Which nodes new workers are kept off: those that are dead, which the scheduler learns late, and those that have just lost
/// a worker. Of a node that is not ready the scheduler knows itself. A node that loses workers again and again is avoided for twice as long each time.
/// </summary>
public static class AvoidancePolicy
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    /// <summary>A node that was good for so long after it could be used again starts anew.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <summary>A pod's affinity is not made longer; beyond this the cluster has other worries.</summary>
    private const int MostNodes = 32;

    /// <summary>
    /// The nodes that a pod created now must keep off, in a fixed order. Where every node that is fit has lost a worker lately, the ones
    /// whose time ends first are used all the same: a suspect node is better than none.
    /// </summary>
    public static IReadOnlyList<string> Nodes(JobView view)
    {
        var suspects = (view.Status.AvoidedNodes ?? []).Where(n => n.Until > view.Now).ToList();
        var fit = view.Snapshot.FitNodes;
        if (fit.Count > 0 && !fit.Except(suspects.Select(n => n.Name)).Any())
        {
            var first = suspects.Where(n => fit.Contains(n.Name)).Min(n => n.Until);
            suspects.RemoveAll(n => n.Until == first);
        }
        return [.. suspects.Select(n => n.Name).Concat(view.Snapshot.UnfitNodes).Distinct().Take(MostNodes).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// The pod waits for a node while one of those that it keeps off may be used again: what it keeps off cannot be changed, and the others
    /// may have no room.
    /// </summary>
    public static bool IsInVain(JobView view, ObservedPod pod) =>
        pod.AvoidedNodes is { } avoided && avoided.Split(',').Except(Nodes(view)).Any();

    /// <summary>
    /// The same of workers that stand and fall together: all get other pods. Only where the scheduler has said that it has no node; a distributed
    /// gang replaces the one pod.
    /// </summary>
    public static NewAttempt? Decide(JobView view) =>
        !view.IsDistributed && view.Workers.FirstOrDefault(w => w is { State: WorkerState.Unscheduled, Pod.Unschedulable: not null } && IsInVain(view, w.Pod)) is { } worker
            ? new(Reasons.WorkersPending, $"starts again, because a node that {worker.Pod!.Name} has to keep off can be used again", AttemptKind.Restart,
                FailuresInRow: view.Status.FailuresInRow)
            : null;

    /// <summary>A node that is good again makes no event for a pod that is on none.</summary>
    public static TimeSpan? LookAgain(JobView view) =>
        view.Workers.Any(w => w is { State: WorkerState.Unscheduled, Pod.AvoidedNodes: not null }) ? Again : null;

    /// <summary>The record after losses that are held against nodes; null for an empty one.</summary>
    public static IReadOnlyList<AvoidedNode>? After(JobView view, IEnumerable<(string Node, string Reason)> losses)
    {
        var known = (view.Status.AvoidedNodes ?? []).Where(n => n.Until + Memory > view.Now).ToDictionary(n => n.Name);
        foreach (var (node, reason) in losses.DistinctBy(l => l.Node))
        {
            var count = (known.GetValueOrDefault(node)?.Losses ?? 0) + 1;
            var time = Math.Min(First.TotalSeconds * Math.Pow(2, Math.Min(count - 1, 20)), Longest.TotalSeconds);
            known[node] = new() { Name = node, Reason = reason, Losses = count, Until = Times.Milliseconds(view.Now.AddSeconds(time)) };
        }
        if (known.Count == 0) return null;
        return [.. known.Values.OrderByDescending(n => n.Until).Take(AvoidedNode.Max).OrderBy(n => n.Name, StringComparer.Ordinal)];
    }
}
