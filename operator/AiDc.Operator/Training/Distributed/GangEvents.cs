using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Membership;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Distributed;

/// <summary>Tells in events what a distributed gang goes through: who was lost, who goes on, who replaces whom.</summary>
public static class GangEvents
{
    public static IEnumerable<PlannedEvent> Of(JobView before, Verdict? verdict, GangDecision gang, TrainingJobStatus after)
    {
        if (!before.IsDistributed || GangPlanner.Ends(verdict)) yield break;
        var told = new HashSet<int>();
        // Who is out is said at each decision; it is news where the membership changes for it.
        foreach (var evicted in gang.Membership.Evicted.Where(e => gang.ChangesMembership && e.IsLoss && e.WasMember))
        {
            told.Add(evicted.Index);
            yield return PlannedEvent.Warning(GangFailures.ReasonOf(evicted.Reason), "Recovering", GangFailures.Message(evicted));
        }
        foreach (var replacement in gang.Replacements)
        {
            if (replacement.Failure is not null && told.Add(replacement.Index))
                yield return PlannedEvent.Warning(replacement.Reason, "Recovering", Words.Line(replacement.Message));
            yield return PlannedEvent.Normal(Reasons.WorkerReplaced, "Replacing", Replaced(before, replacement, after));
        }
        if (gang.Membership is { Change: MembershipChange.Form, Membership: { } formed })
            yield return PlannedEvent.Normal(Reasons.MembershipChanged, "Forming", Words.Line($"generation {formed.Generation}: {gang.Membership.Message}"));
        if (gang.Membership is { Change: MembershipChange.Hold } hold && before.Membership?.Hold is null)
            yield return PlannedEvent.Warning(Reasons.Holding, "Holding", Words.Line(hold.Message));
        if (before.Status.Workers is { } workers && workers.Attempt == after.Attempt && after.Workers is { } now && workers.Desired != now.Desired)
            yield return PlannedEvent.Normal(Reasons.Resized, "Resizing", $"from {workers.Desired} to {now.Desired} workers, while it runs");
    }

    private static string Replaced(JobView before, Replacement replacement, TrainingJobStatus after)
    {
        var pod = Names.WorkerPod(before.Job.Metadata.Name, replacement.Index, before.Status.Attempt, replacement.Incarnation);
        var count = replacement.Counts ? $" (failure {after.CountedRestarts} of {before.Spec.Failure.MaxRestarts})" : "";
        var avoids = replacement.BadNode is { } node ? $", not on node {node}" : "";
        return Words.Line($"worker {replacement.Index} gets pod {pod}{avoids}{count}{(replacement.Failure is null ? $": {replacement.Message}" : "")}");
    }
}
