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
