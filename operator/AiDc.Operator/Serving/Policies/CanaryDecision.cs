using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Serving.Policies;

/// <summary>How a canary is to go on.</summary>
/// <param name="Status">What to record of it; null where none is tried and none was.</param>
/// <param name="Weight">The share of the requests that it gets, in percent.</param>
/// <param name="Wanted">The share of the replicas that it is to have, in percent; 0: it gets none.</param>
public sealed record CanaryDecision(CanaryStatus? Status, int Weight, int Wanted)
{
    public bool IsTried => Wanted > 0;

    public bool IsPromoted => Status?.Verdict == CanaryVerdict.Promoted;
}
