using AiDc.Api.V1Alpha1;
using AiDc.Operator.Serving.Builders;

namespace AiDc.Operator.Serving.Policies;

/// <summary>
/// Tells the revision that is to serve from one that is tried. A canary that was promoted stays so, also through other edits of the spec, as long as the
/// spec names its model; one that was rolled back is not tried again until its revision is another one.
/// </summary>
public static class RevisionPolicy
{
    /// <param name="model">Of spec.model; null where the template brings its own.</param>
    /// <param name="canary">Of spec.canary.model; null where there is none.</param>
    public static RevisionDecision Decide(ServiceView view, ModelDecision? model, ModelDecision? canary)
    {
        var status = view.Status;
        if (model is { Model: null })
        {
            // What serves goes on: it may be that the spec now names a training job that has not ended.
            return new(view.Of(status.Stable).Deployment is not null ? new(status.Stable!, null, CanBeMade: false) : null, null);
        }

        var asked = RevisionHash.Revision(view.Service, model?.Model);
        var tried = canary?.Model ?? model?.Newer;
        if (tried is null) return new(asked, null);
        var candidate = RevisionHash.Revision(view.Service, tried);
        if (candidate.Name == asked.Name) return new(asked, null);
        if (IsPromoted(view, candidate)) return new(candidate, null, IsPromoted: true);
        return new(asked, IsRolledBack(status, candidate) ? null : candidate);
    }

    public static bool IsRolledBack(InferenceServiceStatus status, Revision candidate) =>
        status.Canary is { Verdict: CanaryVerdict.RolledBack } last && last.Revision == candidate.Name;

    private static bool IsPromoted(ServiceView view, Revision candidate) =>
        view.Status.Canary is { Verdict: CanaryVerdict.Promoted }
        && (view.Status.Stable == candidate.Name || candidate.Model!.IsRecordedAs(view.Status.Model));
}
