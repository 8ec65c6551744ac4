using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Distributed;

/// <summary>
/// Which nodes new workers are kept off: those that are dead or not ready, which the scheduler learns late, and those that have just lost
/// a worker. A node that loses workers again and again is avoided for twice as long each time.
/// </summary>
public static class AvoidancePolicy
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

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
