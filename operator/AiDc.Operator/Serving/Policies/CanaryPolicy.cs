using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Planning;

namespace AiDc.Operator.Serving.Policies;

/// <summary>
/// Leads a canary through its steps. It takes one when it has had its share for the interval and answered enough requests well; with fewer it
/// gets more time, and so it does where what looks wrong may be chance. It is given up as soon as that is beyond chance (<see cref="CanaryFigures"/>),
/// when its replicas end, or when they do not come up.
/// </summary>
public static class CanaryPolicy
{
    public static CanaryDecision Decide(ServiceView view, RevisionDecision revisions)
    {
        if (revisions.Candidate is not { } candidate) return new(Ended(view.Status.Canary), 0, 0);
        var analysis = view.Spec.Canary?.Analysis ?? new();
        var seen = view.Of(candidate.Name);
        if (view.Status.Canary is not { } status || status.Revision != candidate.Name)
        {
            // Against a stable revision that does not answer nothing can be measured, and nothing can be rolled back to.
            return view.Of(revisions.Stable!.Name).Ready > 0
                ? new(new() { Revision = candidate.Name, Percent = 0, Verdict = CanaryVerdict.Starting, Message = "its replicas start" }, 0, analysis.Steps[0])
                : new(view.Status.Canary, 0, 0);
        }

        var step = Math.Min(status.Step, analysis.Steps.Count - 1);
        status = status with { Step = step };
        return status.Since is null ? Starting(view, seen, status, analysis) : Serving(view, seen, status, analysis);
    }

    /// <summary>How many replicas a share of all is, and at least one.</summary>
    public static int Replicas(int all, int percent) => Math.Max(1, ((Math.Max(1, all) * percent) + 99) / 100);

    /// <summary>What is remembered of a canary that is not tried: how it ended, if it did.</summary>
    private static CanaryStatus? Ended(CanaryStatus? status) =>
        status?.Verdict is CanaryVerdict.Promoted or CanaryVerdict.RolledBack ? status : null;

    /// <summary>Its replicas for this step are not all ready yet.</summary>
    private static CanaryDecision Starting(ServiceView view, RevisionView seen, CanaryStatus status, CanaryAnalysisSpec analysis)
    {
        var wanted = analysis.Steps[status.Step];
        var desired = Math.Max(1, view.Status.Replicas?.Desired ?? 1);
        if (seen.Ready >= Replicas(desired, wanted))
            return new(status with
            {
                Percent = wanted,
                Since = Times.Milliseconds(view.Now),
                Verdict = CanaryVerdict.Progressing,
                Message = $"has {wanted} % of the requests",
                Samples = 0,
                ErrorRate = null,
                LatencyRatio = null,
                Evidence = CanaryTrial.NextStep(status.Evidence, seen.Ready),
            }, wanted, wanted);
        if (Crash(view, seen, atOnce: status.Percent > 0) is { } why) return RollBack(status, why);
        var since = seen.Deployment?.Metadata.CreationTimestamp is { } made ? Times.Utc(made) : view.Now;
        if (status.Percent == 0 && view.Now - since > view.Options.CanaryStartTimeout)
            return RollBack(status, $"no replica was ready within {GoDuration.Format(view.Options.CanaryStartTimeout)}: {Trouble(view, seen) ?? "the model does not load"}");
        var message = $"{seen.Ready} of {Replicas(desired, wanted)} replicas for {wanted} % of the requests are ready{(Trouble(view, seen) is { } trouble ? $": {trouble}" : "")}";
        return new(status with { Message = Words.Line(message) }, seen.Ready > 0 ? status.Percent : 0, wanted);
    }

    private static CanaryDecision Serving(ServiceView view, RevisionView seen, CanaryStatus status, CanaryAnalysisSpec analysis)
    {
        if (seen.Ready == 0)
        {
            return Death(view, seen) is { } why ? RollBack(status, why)
                : new(status with { Since = null, Verdict = CanaryVerdict.Waiting, Message = "its replicas were lost with their nodes, and are replaced" }, 0, status.Percent);
        }
        // What was sent to a replica whose node was lost has failed, and not by the canary's doing.
        if (seen.Lost + seen.Taken > 0)
            return new(
                status with { Since = null, Verdict = CanaryVerdict.Waiting, Message = "a replica was lost, and is replaced: the step begins anew" }, status.Percent, status.Percent);
        if (view.Snapshot.Load.Gateways == 0 || view.Snapshot.Trial is not { } trial)
            return new(status with { Verdict = CanaryVerdict.Waiting, Message = "no gateway tells how its requests go" }, status.Percent, status.Percent);

        var figures = new CanaryFigures(trial.Evidence, analysis);
        status = status with
        {
            Samples = figures.Samples,
            ErrorRate = Rounded(figures.ErrorRate),
            LatencyRatio = Rounded(figures.LatencyRatio),
            Evidence = trial.Evidence,
        };
        if (figures.Failure is { } failure) return RollBack(status, failure);

        var elapsed = view.Now - status.Since!.Value;
        if (elapsed < GoDuration.Parse(analysis.Interval))
            return Stay(status, CanaryVerdict.Progressing, $"has {status.Percent} % of the requests");
        if (figures.Samples < figures.Needed)
            return Stay(status, CanaryVerdict.Waiting, $"has answered {figures.Samples} of the {figures.Needed} requests that it takes to judge it");
        if (figures.Doubt is { } doubt)
            return Stay(status, CanaryVerdict.Waiting, $"{doubt}: that may be chance, and more requests will tell");
        return Pass(status, figures, analysis);
    }

    private static CanaryDecision Pass(CanaryStatus status, CanaryFigures figures, CanaryAnalysisSpec analysis)
    {
        if (status.Step + 1 >= analysis.Steps.Count)
            return new(status with { Verdict = CanaryVerdict.Promoted, Message = $"promoted: {figures.Summary}", Evidence = null }, 100, 100);
        var next = analysis.Steps[status.Step + 1];
        return new(status with
        {
            Step = status.Step + 1,
            Since = null,
            Verdict = CanaryVerdict.Progressing,
            Message = $"passed {status.Percent} %: {figures.Summary}; its replicas for {next} % start",
        }, status.Percent, next);
    }

    /// <summary>Why no replica answers any more, where that is the canary's own doing; null where nodes are to blame.</summary>
    private static string? Death(ServiceView view, RevisionView seen)
    {
        if (Crash(view, seen, atOnce: true) is { } crash) return crash;
        if (seen.Pods.Any(p => view.IsUnreachable(p) || view.NodeOf(p) is { } node && (node.IsLost || !node.IsReady))) return null;
        return $"no replica answers any more{(Trouble(view, seen) is { } trouble ? $": {trouble}" : "")}";
    }

    /// <param name="atOnce">One that has served may not end even once; one that starts may, if what it needs is a little late.</param>
    private static string? Crash(ServiceView view, RevisionView seen, bool atOnce) =>
        seen.Ready == 0 && seen.Pods.Select(p => ReplicaTrouble.Of(view, p)).FirstOrDefault(t => t is { IsCrash: true } && (atOnce || t.Restarts >= 2)) is { } crash
            ? $"its replicas end: {crash.Message}"
            : null;

    private static string? Trouble(ServiceView view, RevisionView seen) => ReplicaTrouble.Worst(view, seen)?.Message;

    private static CanaryDecision Stay(CanaryStatus status, string verdict, string message) =>
        new(status with { Verdict = verdict, Message = message }, status.Percent, status.Percent);

    private static CanaryDecision RollBack(CanaryStatus status, string why) =>
        new(status with { Percent = 0, Verdict = CanaryVerdict.RolledBack, Message = Words.Line($"rolled back: {why}"), Evidence = null }, 0, 0);

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 4) : null;
}
