namespace AiDc.Operator.Serving.Policies;

/// <summary>How many replicas a service is to have: what its spec pins, else what its load asks for within the spec's bounds, else what it has.</summary>
public static class ReplicaPolicy
{
    public static ReplicaDecision Decide(ServiceView view)
    {
        var scaling = view.Spec.Scaling;
        if (view.Pinned is { } pinned) return new(pinned, "spec.scaling.replicas pins it");
        if (view.Snapshot.Scale is { } advice)
        {
            // Until a replica has once answered nobody knows whether the model loads at all.
            if (advice.Replicas < 1 && !view.HasLoaded) return new(Math.Max(1, scaling.Min), "the first replica shows whether the model loads");
            return Bounded(view, advice.Replicas, advice.Why);
        }
        return view.Status.Replicas is { } known ? Bounded(view, known.Desired, "kept") : Bounded(view, 1, "to begin with");
    }

    private static ReplicaDecision Bounded(ServiceView view, int wanted, string why)
    {
        var (min, max) = (view.Spec.Scaling.Min, view.Spec.Scaling.Max);
        return wanted < min ? new(min, $"spec.scaling.min; {why}") : wanted > max ? new(max, $"spec.scaling.max; {why}") : new(wanted, why);
    }
}
