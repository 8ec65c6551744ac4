using AiDc.Api.V1Alpha1;
using AiDc.Api.Validation;

namespace AiDc.Operator.Serving.Policies;

/// <summary>Asks the policies in their order: each decides on what those before it have.</summary>
public static class ServiceDecisionPolicy
{
    public static ServiceDecisions Decide(ServiceView view)
    {
        var errors = InferenceServiceValidator.Validate(view.Service, view.Options.Validation);
        if (errors.Count > 0) return AsItIs(view, string.Join(" | ", errors));

        var model = ModelOf(view, view.Spec.Model);
        var revisions = RevisionPolicy.Decide(view, model, ModelOf(view, view.Spec.Canary?.Model));
        var replicas = ReplicaPolicy.Decide(view);
        if (revisions.Stable is not { } stable)
            return new(null, model, null, null, replicas, new(view.Status.Canary, 0, 0), Layout(view), new Dictionary<string, int>());

        var canary = CanaryPolicy.Decide(view, revisions);
        var candidate = canary.IsTried ? revisions.Candidate : null;
        if (canary.IsPromoted && revisions.Candidate is { } promoted) (stable, candidate) = (promoted, null);
        var dropped = Dropped(view, stable, candidate);
        var layout = RolloutPolicy.Decide(view, replicas.Replicas, stable.Name, candidate?.Name, canary.Wanted, dropped);
        var weights = TrafficPolicy.Decide(view, stable.Name, candidate?.Name, canary.Weight, dropped);
        return new(null, model, stable, candidate, replicas, canary, layout, weights);
    }

    private static ModelDecision? ModelOf(ServiceView view, ServedModelSpec? model) => model is null ? null : ModelPolicy.Resolve(
        model, view.Snapshot.Jobs, [view.Status.Model, .. view.Status.Revisions.Select(r => r.Model)], Tried(view.Status), view.Options.Validation);

    private static ServedModelStatus? Tried(InferenceServiceStatus status) =>
        IsTried(status) ? status.Revisions.FirstOrDefault(r => r.Name == status.Canary!.Revision)?.Model : null;

    private static bool IsTried(InferenceServiceStatus status) =>
        status.Canary is { Verdict: not (CanaryVerdict.Promoted or CanaryVerdict.RolledBack) };

    /// <summary>A canary that is no longer tried has no part in the rollout that ends it.</summary>
    private static HashSet<string> Dropped(ServiceView view, Revision stable, Revision? candidate) =>
        view.Status.Canary?.Revision is { } name && name != stable.Name && name != candidate?.Name ? [name] : [];

    /// <summary>What serves goes on by the spec that it was started with.</summary>
    private static ServiceDecisions AsItIs(ServiceView view, string problem)
    {
        var stable = view.Of(view.Status.Stable).Deployment is not null ? new Revision(view.Status.Stable!, null, CanBeMade: false) : null;
        var canary = IsTried(view.Status) ? view.Status.Canary : null;
        var tried = canary?.Revision is { } name ? new Revision(name, null, CanBeMade: false) : null;
        IReadOnlyDictionary<string, int> weights = stable is null
            ? new Dictionary<string, int>()
            : TrafficPolicy.Decide(view, stable.Name, tried?.Name, canary?.Percent ?? 0, Dropped(view, stable, tried));
        return new(problem, null, stable, null, new(view.Status.Replicas?.Desired ?? 0, "kept"), new(view.Status.Canary, 0, 0), Layout(view), weights);
    }

    private static Dictionary<string, int> Layout(ServiceView view) => view.Revisions.ToDictionary(r => r.Name, r => r.Replicas, StringComparer.Ordinal);
}
