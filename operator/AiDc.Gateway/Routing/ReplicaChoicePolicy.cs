namespace AiDc.Gateway.Routing;

/// <summary>
/// Chooses the replica for a request: first the revision, at random by weight, then of that revision's replicas the one with the fewest
/// outstanding requests, at random among equals. A revision that is gone leaves its share to the others. One that is only busy keeps its
/// requests waiting, or hands them to one with a larger share: a canary must not get more than its share because the others are busy, and
/// nobody has to wait for a canary.
/// </summary>
internal static class ReplicaChoicePolicy
{
    /// <param name="weights">Of the revisions, in percent. All zero, or none: revisions are not told apart.</param>
    /// <param name="drawn">The revision that was drawn for this request before; -1: none.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    public static ReplicaChoice Choose(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> weights, int drawn, double random)
    {
        var weighted = Sum(weights) > 0;
        Span<bool> alive = stackalloc bool[weights.Length];
        Span<bool> free = stackalloc bool[weights.Length];
        var (anyUsable, anyFree) = (false, false);
        foreach (var candidate in candidates)
        {
            if (!candidate.Usable || (weighted && Weight(candidate, weights) == 0)) continue;
            anyUsable = true;
            var room = candidate.Outstanding < candidate.Limit;
            anyFree |= room;
            if (candidate.Revision < 0) continue;
            alive[candidate.Revision] = true;
            free[candidate.Revision] |= room;
        }
        if (!anyUsable) return new(ChoiceKind.NoneUsable, -1, -1);
        if (!weighted) return anyFree ? new(ChoiceKind.Chosen, Least(candidates, -1, random), -1) : new(ChoiceKind.AllBusy, -1, -1);
        var revision = drawn >= 0 && drawn < weights.Length && alive[drawn] ? drawn : Draw(weights, alive, ref random);
        var from = free[revision] ? revision : LargerAndFree(weights, free, weights[revision]);
        return from < 0 ? new(ChoiceKind.AllBusy, -1, revision) : new(ChoiceKind.Chosen, Least(candidates, from, random), revision);
    }

    private static int Sum(ReadOnlySpan<int> weights)
    {
        var sum = 0;
        foreach (var weight in weights) sum += Math.Max(0, weight);
        return sum;
    }

    private static int Weight(Candidate candidate, ReadOnlySpan<int> weights) =>
        candidate.Revision < 0 ? 0 : Math.Max(0, weights[candidate.Revision]);

    /// <param name="random">Uniform in [0, 1), and again so afterwards: what of it the draw did not use up.</param>
    private static int Draw(ReadOnlySpan<int> weights, ReadOnlySpan<bool> alive, ref double random)
    {
        var total = 0;
        for (var i = 0; i < weights.Length; i++)
            if (alive[i]) total += Math.Max(0, weights[i]);
        var point = random * total;
        var last = -1;
        for (var i = 0; i < weights.Length; i++)
        {
            if (!alive[i]) continue;
            last = i;
            if (point < weights[i])
            {
                random = point / weights[i];
                return i;
            }
            point -= weights[i];
        }
        random = 0; // Rounding: the last one's upper end.
        return last;
    }

    private static int LargerAndFree(ReadOnlySpan<int> weights, ReadOnlySpan<bool> free, int than)
    {
        var best = -1;
        for (var i = 0; i < weights.Length; i++)
            if (free[i] && weights[i] > than && (best < 0 || weights[i] > weights[best])) best = i;
        return best;
    }

    private static int Least(ReadOnlySpan<Candidate> candidates, int revision, double random)
    {
        var (least, ties) = (int.MaxValue, 0);
        foreach (var candidate in candidates)
        {
            if (!Eligible(candidate, revision) || candidate.Outstanding > least) continue;
            ties = candidate.Outstanding < least ? 1 : ties + 1;
            least = candidate.Outstanding;
        }
        var skip = Math.Min((int)(random * ties), ties - 1);
        for (var i = 0; i < candidates.Length; i++)
            if (Eligible(candidates[i], revision) && candidates[i].Outstanding == least && skip-- == 0) return i;
        throw new InvalidOperationException("There was a free replica a moment ago.");
    }

    private static bool Eligible(Candidate candidate, int revision) =>
        candidate.Usable && candidate.Outstanding < candidate.Limit && (revision < 0 || candidate.Revision == revision);
}

/// <summary>A revision and its share of the requests in percent.</summary>
internal readonly record struct RevisionWeight(string Name, int Weight);

/// <summary>A replica as the choice sees it.</summary>
/// <param name="Revision">Index of its revision among the weights; -1: the service's status does not list it.</param>
/// <param name="Outstanding">Requests that this gateway has sent to it and that are not answered.</param>
/// <param name="Limit">The most of them at once.</param>
/// <param name="Usable">Its probes succeed, and it is not about to end.</param>
internal readonly record struct Candidate(int Revision, int Outstanding, int Limit, bool Usable);

/// <summary>Where a request goes now.</summary>
/// <param name="Index">Of the candidate, where one is chosen; else -1.</param>
/// <param name="Revision">The revision whose share the request counts towards, for it to be asked with again; -1: none.</param>
internal readonly record struct ReplicaChoice(ChoiceKind Kind, int Index, int Revision);

internal enum ChoiceKind
{
    Chosen,

    /// <summary>There is no replica that could answer: the service is at zero, starts, or is cut off.</summary>
    NoneUsable,

    /// <summary>There are replicas, and each that the request may go to has as many requests as it may have.</summary>
    AllBusy,
}
