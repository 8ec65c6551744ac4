namespace AiDc.Operator.Serving.Policies;

/// <summary>
/// The shares of the requests. A canary gets its own; the rest goes to the other revisions by the replicas that they have ready. Where none is
/// ready all goes to the stable one: gateways hold the requests until it is.
/// </summary>
public static class TrafficPolicy
{
    /// <returns>Percent by revision, without those that get none; 100 together.</returns>
    public static IReadOnlyDictionary<string, int> Decide(ServiceView view, string stable, string? canary, int percent, IReadOnlySet<string> dropped)
    {
        var weights = new Dictionary<string, int>(StringComparer.Ordinal);
        var others = view.Revisions.Where(r => r.Name != canary && r.Ready > 0 && (r.Name == stable || !dropped.Contains(r.Name))).ToList();
        var ready = others.Sum(r => r.Ready);
        var tried = canary is not null && view.Of(canary).Ready > 0 ? ready > 0 ? percent : 100 : 0;
        if (tried > 0) weights[canary!] = tried;
        var left = 100 - tried;
        var given = 0;
        foreach (var revision in others.Where(r => r.Name != stable))
        {
            var share = left * revision.Ready / ready;
            if (share > 0) weights[revision.Name] = share;
            given += share;
        }

        // What rounding leaves over is the stable one's, if it has replicas; else that of the first that has.
        var rest = left - given;
        var heir = ready == 0 || others.Exists(r => r.Name == stable) ? stable : others[0].Name;
        if (rest > 0) weights[heir] = weights.GetValueOrDefault(heir) + rest;
        return weights;
    }
}
