using AiDc.Api.V1Alpha1;
using AiDc.Operator.Membership;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Distributed;

/// <summary>Writes what was decided about a distributed gang into the status, which is read before anything is done about it.</summary>
public static class GangRecord
{
    /// <param name="status">With the verdict entered.</param>
    public static TrainingJobStatus Apply(JobView view, TrainingJobStatus status, Verdict? verdict, GangDecision gang)
    {
        if (gang.ChangesMembership) status = status with { Membership = GangViews.Status(view, gang.Membership.Membership!) };
        status = status with { AvoidedNodes = AvoidancePolicy.After(view, Losses(view, verdict, gang)) };
        if (GangPlanner.Ends(verdict)) return status;
        return status with
        {
            LastFailure = GangFailures.Last(status.LastFailure, Failures(view, gang)),
            Replacements = Merge(status.Replacements, view, gang.Replacements),
            CountedRestarts = status.CountedRestarts + (gang.Replacements.Any(r => r.Counts) ? 1 : 0),
        };
    }

    /// <summary>Those that count first: a loss that a kubelet explains before one that only shows.</summary>
    private static IEnumerable<FailureStatus> Failures(JobView view, GangDecision gang) =>
    [
        .. gang.Replacements.Select(r => r.Failure).OfType<FailureStatus>(),
        .. gang.Membership.Evicted.Where(e => e.IsLoss && e.WasMember).Select(e => GangFailures.Of(view, e)),
        .. gang.Membership.Cause == FormationCause.Broken && StallPolicy.FormsAnew(view) is not null ? [StallPolicy.Failure(view)] : (FailureStatus[])[],
    ];

    private static IEnumerable<(string Node, string Reason)> Losses(JobView view, Verdict? verdict, GangDecision gang)
    {
        foreach (var replacement in gang.Replacements)
            if (replacement.BadNode is { } node) yield return (node, replacement.Reason);
        // A gang that starts again as a whole keeps off the node that it was lost on, too.
        if (verdict is NewAttempt { Failure: { Node: { } lost, Reason: { } reason } } && !view.IsDistributed && IsNodes(reason)) yield return (lost, reason);
    }

    private static bool IsNodes(string reason) =>
        reason is Api.Reasons.NodeLost or Api.Reasons.NodeDeleted or Api.Reasons.NodeShutdown or Api.Reasons.GpuWithdrawn;

    private static List<WorkerReplacement>? Merge(IReadOnlyList<WorkerReplacement>? known, JobView view, IReadOnlyList<Replacement> made)
    {
        var merged = (known ?? []).Where(r => r.Index < view.Desired).ToDictionary(r => r.Index);
        foreach (var replacement in made)
        {
            merged[replacement.Index] = new()
            {
                Index = replacement.Index,
                Incarnation = replacement.Incarnation,
                Reason = replacement.Reason,
                FailuresInRow = replacement.FailuresInRow,
                NotBefore = replacement.Delay > TimeSpan.Zero ? Times.Milliseconds(view.Now + replacement.Delay) : null,
            };
        }
        return merged.Count == 0 ? null : [.. merged.Values.OrderBy(r => r.Index)];
    }
}
