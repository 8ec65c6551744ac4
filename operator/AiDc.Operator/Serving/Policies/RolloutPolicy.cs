namespace AiDc.Operator.Serving.Policies;

/// <summary>
/// How many replicas each revision gets while one takes over from another: never more than the wanted ones and maxSurge together, and so many
/// of the old ones kept that with the new ones that are ready no more than maxUnavailable are missing (the algorithm of a Deployment over its
/// ReplicaSets). Old ones that are not ready go first: they serve nobody.
/// </summary>
public static class RolloutPolicy
{
    /// <param name="desired">Replicas of the whole service.</param>
    /// <param name="canary">The revision that is tried; null for none.</param>
    /// <param name="percent">The canary's share of the replicas.</param>
    /// <param name="dropped">Revisions that get no requests any more, whatever they could answer.</param>
    /// <returns>Replicas by revision, the stable one and the canary among them.</returns>
    public static IReadOnlyDictionary<string, int> Decide(
        ServiceView view, int desired, string stable, string? canary, int percent, IReadOnlySet<string> dropped)
    {
        var old = view.Revisions.Where(r => r.Name != stable && r.Name != canary).ToList();
        var result = old.ToDictionary(r => r.Name, _ => 0, StringComparer.Ordinal);
        var retiring = old.Where(r => !dropped.Contains(r.Name)).ToList();
        if (canary is null || retiring.Any(r => r.Replicas > 0))
        {
            result[stable] = Retire(view, desired, view.Of(stable), retiring, result);
            if (canary is not null) result[canary] = view.Of(canary).Replicas;
        }
        else
        {
            (result[stable], result[canary]) = Try(view, Math.Max(1, desired), view.Of(stable), view.Of(canary), percent);
        }

        foreach (var (name, replicas) in result.ToList()) result[name] = WithLost(view.Of(name), replicas);
        return result;
    }

    /// <summary>
    /// One that nobody reaches may come back, so it is not deleted; what it did is done by another meanwhile. While pods are taken from the API the
    /// number stays: a ReplicaSet that has not seen yet that they are gone would give up one that answers.
    /// </summary>
    private static int WithLost(RevisionView seen, int replicas)
    {
        if (replicas == 0) return 0;
        var wanted = replicas + Math.Min(seen.Lost, replicas);
        return Math.Max(wanted, Math.Min(seen.Replicas, wanted + seen.Taken));
    }

    private static int Retire(ServiceView view, int desired, RevisionView stable, List<RevisionView> old, Dictionary<string, int> result)
    {
        var rollout = view.Spec.Rollout;
        var oldReplicas = old.Sum(r => r.Replicas);
        var room = Math.Min(desired, desired + rollout.MaxSurge - oldReplicas);
        var next = oldReplicas == 0 ? desired : Math.Max(0, Math.Max(Math.Min(stable.Replicas, desired), room));
        var keep = Math.Max(0, desired - rollout.MaxUnavailable - stable.Ready);
        foreach (var revision in old)
        {
            var kept = Math.Min(keep, Math.Min(revision.Replicas, revision.Ready));
            result[revision.Name] = kept;
            keep -= kept;
        }
        return next;
    }

    private static (int Stable, int Canary) Try(ServiceView view, int desired, RevisionView stable, RevisionView canary, int percent)
    {
        var rollout = view.Spec.Rollout;
        var wanted = CanaryPolicy.Replicas(desired, percent);
        var left = Math.Min(percent < 100 ? CanaryPolicy.Replicas(desired, 100 - percent) : 1, desired + rollout.MaxSurge - wanted);
        var keep = Math.Max(Math.Max(1, left), desired - rollout.MaxUnavailable - canary.Ready);
        var room = Math.Min(wanted, desired + rollout.MaxSurge - stable.Replicas);
        return (Math.Min(desired, keep), Math.Max(Math.Min(canary.Replicas, wanted), Math.Max(0, room)));
    }
}
