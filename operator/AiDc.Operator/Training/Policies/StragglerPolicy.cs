using System.Globalization;
using AiDc.Api;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using k8s.Models;

namespace AiDc.Operator.Training.Policies;

/// <summary>
/// Names a worker that holds the others up. In synchronous training all steps take the same time; who is slow shows in the part of it
/// that each computes while its peers wait. Suspected at once (condition Unknown), named after half a minute (True).
/// </summary>
public static class StragglerPolicy
{
    /// <summary>So much longer than the median of its peers.</summary>
    public const double Slowdown = 1.5;

    public static readonly TimeSpan Persistent = TimeSpan.FromSeconds(30);

    /// <summary>The condition after what is seen now; null while there is none and nothing to say.</summary>
    public static V1Condition? Condition(JobView view)
    {
        var known = ConditionHelper.Find(view.Status.Conditions, ConditionTypes.Straggler);
        if (!view.IsDistributed || view.IsFinished || Find(view) is not { } slow)
            return known is null or { Status: "False" } ? known : Make(view, "False", Reasons.NoStraggler, "no worker is much slower than its peers");
        var message = string.Create(CultureInfo.InvariantCulture,
            $"worker {slow.Index}{On(view, slow.Index)} computes {slow.Ratio:0.0} times as long as its peers ({slow.Seconds:0.###} s a step)");
        var isSame = known is not null && known.Message.StartsWith($"worker {slow.Index}{On(view, slow.Index)} ", StringComparison.Ordinal);
        if (known is null or { Status: "False" }) return Make(view, "Unknown", Reasons.StragglerFound, message);
        // Another worker than before: its time starts with the next look.
        if (!isSame) return Make(view, "False", Reasons.NoStraggler, "another worker is slow by now");
        if (known.Status == "True") return known;
        return known.LastTransitionTime is { } since && view.Now - Times.Utc(since) >= Persistent ? Make(view, "True", Reasons.StragglerFound, message) : known;
    }

    /// <summary>When a suspicion becomes a fact.</summary>
    public static TimeSpan? LookAgain(JobView view) =>
        ConditionHelper.Find(view.Status.Conditions, ConditionTypes.Straggler) is { Status: "Unknown", LastTransitionTime: { } since } && !view.IsFinished
            ? Times.Utc(since) + Persistent - view.Now is var left && left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1)
            : null;

    private static (int Index, double Ratio, double Seconds)? Find(JobView view)
    {
        if (!view.IsTraining || view.Snapshot.Progress is not { } progress || progress.Attempt != view.Status.Attempt) return null;
        var seconds = view.Membership!.Members
            .Where(m => progress.ComputeSeconds.ContainsKey(m.Index)).Select(m => (m.Index, Seconds: progress.ComputeSeconds[m.Index])).ToList();
        if (seconds.Count < 2) return null;
        var slowest = seconds.MaxBy(s => s.Seconds);
        var peers = Median([.. seconds.Where(s => s.Index != slowest.Index).Select(s => s.Seconds)]);
        return peers > 0 && slowest.Seconds >= Slowdown * peers ? (slowest.Index, slowest.Seconds / peers, slowest.Seconds) : null;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2;
    }

    private static string On(JobView view, int index) =>
        view.Workers.FirstOrDefault(w => w.Index == index)?.Pod?.NodeName is { } node ? $" on node {node}" : "";

    private static V1Condition Make(JobView view, string status, string reason, string message) => new()
    {
        Type = ConditionTypes.Straggler,
        Status = status,
        Reason = reason,
        Message = message,
        ObservedGeneration = view.Generation,
        LastTransitionTime = new DateTime(view.Now.UtcTicks - (view.Now.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc),
    };
}
