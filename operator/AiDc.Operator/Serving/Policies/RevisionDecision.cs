namespace AiDc.Operator.Serving.Policies;

/// <summary>Which revisions there are to be.</summary>
/// <param name="Stable">The one that serves once all is done; null while there is no model.</param>
/// <param name="Candidate">One to be tried beside it.</param>
/// <param name="IsPromoted">The stable one is a canary that did well: what the spec calls its model is no longer served.</param>
public sealed record RevisionDecision(Revision? Stable, Revision? Candidate, bool IsPromoted = false);
