using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Serving.Policies;

/// <summary>All that was decided about a service; what its status and its steps are made from.</summary>
/// <param name="Problem">What is wrong with the spec; null for nothing. Then nothing is changed but what is lost.</param>
/// <param name="Model">Of spec.model; null where the template brings its own.</param>
/// <param name="Stable">The revision that serves once all is done; null while there is none.</param>
/// <param name="Candidate">The revision that is tried.</param>
/// <param name="Layout">Replicas by revision.</param>
/// <param name="Weights">Percent of the requests by revision.</param>
public sealed record ServiceDecisions(
    string? Problem, ModelDecision? Model, Revision? Stable, Revision? Candidate, ReplicaDecision Replicas, CanaryDecision Canary,
    IReadOnlyDictionary<string, int> Layout, IReadOnlyDictionary<string, int> Weights);

/// <summary>Where a model is, or what it waits for.</summary>
/// <param name="Model">The one to serve; null while there is none.</param>
/// <param name="Newer">A newer result of a training job that is followed: to be tried next to it.</param>
/// <param name="Reason">Where there is no model: one of <see cref="Api.Reasons"/>.</param>
/// <param name="Message">Why there is none.</param>
public sealed record ModelDecision(ResolvedModel? Model, ResolvedModel? Newer = null, string? Reason = null, string? Message = null)
{
    public static ModelDecision Wait(string reason, string message) => new(null, null, reason, message);
}

/// <summary>Which revisions there are to be.</summary>
/// <param name="Stable">The one that serves once all is done; null while there is no model.</param>
/// <param name="Candidate">One to be tried next to it.</param>
/// <param name="IsPromoted">The stable one is a canary that did well: what the spec calls its model is no longer served.</param>
public sealed record RevisionDecision(Revision? Stable, Revision? Candidate, bool IsPromoted = false);

/// <summary>How many replicas a service is to have, and why.</summary>
public sealed record ReplicaDecision(int Replicas, string Why);

/// <summary>How a canary is to go on.</summary>
/// <param name="Status">What to record of it; null where none is tried and none was.</param>
/// <param name="Weight">The share of the requests that it gets, in percent.</param>
/// <param name="Wanted">The share of the replicas that it is to have, in percent; 0: it gets none.</param>
public sealed record CanaryDecision(CanaryStatus? Status, int Weight, int Wanted)
{
    public bool IsTried => Wanted > 0;

    public bool IsPromoted => Status?.Verdict == CanaryVerdict.Promoted;
}
