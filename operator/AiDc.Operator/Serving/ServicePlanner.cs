using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Builders;
using AiDc.Operator.Serving.Observed;
using AiDc.Operator.Serving.Policies;
using AiDc.Operator.Serving.Scaling;
using AiDc.Operator.Serving.Status;

namespace AiDc.Operator.Serving;

/// <summary>
/// Decides what to do about a service: a pure function of what is seen and the time. Every plan is computed from the whole present
/// state, so it does not matter which operator made the one before, nor how far it came.
/// </summary>
public static class ServicePlanner
{
    /// <summary>How often a canary is looked at while no event tells anything of it.</summary>
    private static readonly TimeSpan CanaryEvery = TimeSpan.FromSeconds(1);

    public static ServicePlan Plan(ServiceSnapshot snapshot, ServingOptions options, DateTimeOffset now)
    {
        var view = new ServiceView(snapshot, options, now);
        // The garbage collector takes the rest, and waits for pods that no kubelet will ever let go of.
        if (snapshot.Service.Metadata.DeletionTimestamp is not null)
            return ServicePlan.Nothing with { Steps = [.. LostPods(view).Where(p => p.Step.Force && p.Wait == TimeSpan.Zero).Select(p => p.Step)] };
        var decided = ServiceDecisionPolicy.Decide(view);
        var next = ServiceStatusBuilder.Build(view, decided);
        var writeIn = ServiceStatusWritePolicy.WriteIn(view, next);
        var writes = writeIn == TimeSpan.Zero;
        var lost = LostPods(view).ToList();
        return new(
            writes ? next : null,
            writes ? [.. ServiceEvents.Between(view, next)] : [],
            [.. lost.Where(p => p.Wait == TimeSpan.Zero).Select(p => p.Step), .. Objects(view, decided), .. Revisions(view, decided)],
            Soonest([writes ? null : writeIn, decided.Candidate is null ? null : CanaryEvery, decided.Stable is null ? null : ObjectsIn(view), RetryIn(view), .. lost.Select(p => p.Wait > TimeSpan.Zero ? p.Wait : (TimeSpan?)null)]))
        {
            Record = decided.Problem is null ? PinPolicy.ToRecord(view.Service, decided.Replicas.Replicas) : null,
        };
    }

    /// <summary>Of a service that is gone: its pods that are being deleted and hang on lost nodes.</summary>
    public static IEnumerable<DeletePod> LeftBehind(IEnumerable<ServingPod> pods, IReadOnlyDictionary<string, NodeView> nodes) =>
        pods.Where(p => p is { IsBeingDeleted: true, Spec.NodeName: not null } && nodes.GetValueOrDefault(p.Spec.NodeName) is { IsLost: true })
            .Select(p => new DeletePod(p.Name, p.Metadata.Uid, $"node {p.Spec.NodeName} is lost", Force: true));

    private static IEnumerable<PlanStep> Objects(ServiceView view, ServiceDecisions decided)
    {
        // A spec that is invalid opens nothing, but what it closes is closed: gateways go by its keys and rates too.
        if (decided.Stable is null || (decided.Problem is not null && DirectAccessPolicy.ClosedBecause(view.Spec) is null)) yield break;
        var step = ServiceObjectBuilder.Build(view.Service, WithPods(view, decided), DirectAccessPolicy.Decide(view, decided), view.Options);
        if (view.Snapshot.ObjectsFor != step.For || view.Snapshot.ObjectsDue <= view.Now) yield return step;
    }

    private static IEnumerable<string> WithPods(ServiceView view, ServiceDecisions decided) =>
    [
        .. new[] { decided.Stable, decided.Candidate }.OfType<Revision>().Select(r => r.Name),
        .. view.Revisions.Where(r => r.Replicas > 0 || r.Pods.Count > 0 || decided.Layout.GetValueOrDefault(r.Name) > 0).Select(r => r.Name),
    ];

    /// <summary>Those that are seen to by this very plan are due after the pause that follows.</summary>
    private static TimeSpan ObjectsIn(ServiceView view) =>
        view.Snapshot.ObjectsDue > view.Now ? view.Snapshot.ObjectsDue - view.Now
        : view.Snapshot.ObjectsProblem is null ? ServiceObjects.Every : ServiceObjects.Again;

    private static IEnumerable<PlanStep> Revisions(ServiceView view, ServiceDecisions decided)
    {
        if (decided.Problem is not null) yield break;
        foreach (var revision in new[] { decided.Stable, decided.Candidate }.OfType<Revision>())
        {
            var replicas = decided.Layout.GetValueOrDefault(revision.Name);
            if (view.Of(revision.Name).Deployment is null && revision.CanBeMade && RetryIn(view) is null)
                yield return new CreateRevision(DeploymentBuilder.Build(view.Service, revision, replicas, view.Options));
        }

        foreach (var seen in view.Revisions)
        {
            var deployment = seen.Deployment!;
            if (deployment.Metadata.DeletionTimestamp is not null || !decided.Layout.TryGetValue(seen.Name, out var replicas)) continue;
            if (replicas != seen.Replicas) yield return new ScaleRevision(seen.Name, deployment.Metadata.Uid, seen.Replicas, replicas);
            else if (replicas == 0 && seen.Pods.Count == 0 && seen.Name != decided.Stable?.Name && seen.Name != decided.Candidate?.Name && decided.Stable is not null)
                yield return new DeleteRevision(seen.Name, deployment.Metadata.Uid);
        }
    }

    /// <summary>No kubelet will ever say that these have ended: until they are gone their ReplicaSets make no others, and their quota is held.</summary>
    private static IEnumerable<(DeletePod Step, TimeSpan Wait)> LostPods(ServiceView view)
    {
        foreach (var pod in view.Snapshot.Pods)
        {
            if (view.TakenIn(pod) is { } wait)
                yield return (new DeletePod(pod.Name, pod.Metadata.Uid, $"node {pod.Spec.NodeName} is lost", Force: true), wait);
        }
    }

    /// <summary>After a refusal the API server is asked again after a while, and at once where the spec was edited.</summary>
    private static TimeSpan? RetryIn(ServiceView view) =>
        view.Snapshot.Refusal is { } refusal && refusal.JobGeneration == view.Generation && refusal.RetryAt > view.Now ? refusal.RetryAt - view.Now : null;

    private static TimeSpan? Soonest(IEnumerable<TimeSpan?> times) => times.Where(t => t is not null).Min() is { } soonest ? soonest > TimeSpan.Zero ? soonest : TimeSpan.Zero : null;
}
