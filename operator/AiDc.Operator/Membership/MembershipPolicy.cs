namespace AiDc.Operator.Membership;

/// <summary>
/// Decides who trains together. Pure. Safety does not rest on its judgement of who lives: a generation is formed around a witness of the
/// one before, and is started only when all its members have accepted it, so at most one group can commit steps whatever was misjudged.
/// </summary>
public static class MembershipPolicy
{
    public static MembershipDecision Decide(GangView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.TrainingHasEnded)
            return MembershipDecision.Nothing;
        var s = Selection.Of(view);
        var decision = s.Recorded switch
        {
            null => First(s),
            { IsHold: true } => WhileHolding(s),
            _ => WhileFormed(s),
        };
        return decision with { Evicted = Evictions(s, decision), LookAgain = Soonest(s, decision.LookAgain) };
    }

    /// <summary>No generation of this attempt yet: it is worth waiting for everybody.</summary>
    private static MembershipDecision First(Selection s)
    {
        if (s.Chosen.Count == s.View.Size.Target)
            return Form(s, FormationCause.First, "all workers are prepared");
        if (!s.IsEnough)
            return Keep($"{s.Chosen.Count} of {s.View.Size.Target} workers are prepared");
        var enoughSince = s.Chosen.Select(c => c.Session!.PreparedSince ?? s.View.Sessions.Now).Order().ElementAt(s.View.Size.Needed - 1);
        var left = enoughSince + MembershipTimes.Gathering - s.View.Sessions.Now;
        return left > TimeSpan.Zero
            ? Keep($"{s.Chosen.Count} of {s.View.Size.Target} workers are prepared; it starts without the others soon", left)
            : Form(s, FormationCause.First, $"{s.Chosen.Count} of {s.View.Size.Target} workers are prepared, which is enough");
    }

    private static MembershipDecision WhileHolding(Selection s)
    {
        if (s.All.All(c => c.Lost is not null || !s.Witnesses.Contains(c.Uid)))
            return s.View.IsEnding ? MembershipDecision.Nothing : Restart();
        if (s.IsEnough && s.HasWitness)
            return Form(s, FormationCause.Resumed, "enough workers are prepared again");
        // The hold of another leader is made our own: its workers are told, and somebody is named who writes the checkpoint.
        if (!IsOurs(s) || (HoldWriterPolicy.Choose(s) is { } writer && s.All.All(c => c.Uid != s.View.Sessions.HoldWriter || c.Lost is not null)))
            return Hold(s);
        return Keep(s.Recorded!.Hold!);
    }

    private static MembershipDecision WhileFormed(Selection s)
    {
        if (s.View.IsEnding && !s.IsEnough)
            return Hold(s);
        // A gang that grows, or whose joiners do not have the state yet, goes on as it is.
        if (s.IsIntact && !(s.IsEnough && s.HasWitness))
            s = s with { Chosen = [.. s.Members.OrderBy(c => c.Index)] };
        else if (!s.HasWitness)
            return WithoutWitness(s);
        else if (!s.IsEnough)
            return Hold(s);
        return s.IsSameAsRecorded ? SameMembers(s) : OtherMembers(s);
    }

    private static MembershipDecision OtherMembers(Selection s)
    {
        var recorded = s.Recorded!;
        var chosen = s.Chosen.Select(c => c.Uid).ToHashSet();
        var gone = s.All.Where(c => c.Member is not null && !chosen.Contains(c.Uid)).OrderBy(c => c.Index).ToList();
        if (gone.Exists(c => c.Lost is not null and not EvictionReason.Left))
            return Form(s, FormationCause.Loss, $"goes on without {Listed(gone)}");
        if (gone.Exists(c => c.Lost is not null || c.IsLeaving))
            return Form(s, FormationCause.Leaving, $"goes on without {Listed(gone)}, asked to end");
        if (gone.Count > 0)
            return Form(s, FormationCause.Resize, $"goes on with {s.Chosen.Count} workers, without {Listed(gone)}");
        // Whoever joins waits for the present generation to train: it would only start anew, and again for the next who joins.
        var forming = s.Members.Any(c => !c.TrainsIn(recorded.Generation));
        if (!forming || SameMembers(s).Change == MembershipChange.Form)
            return Form(s, FormationCause.Join, $"grows to {s.Chosen.Count} workers");
        return Keep($"{s.Chosen.Count - recorded.Members.Count} more join once generation {recorded.Generation} trains");
    }

    private static MembershipDecision SameMembers(Selection s)
    {
        var generation = s.Recorded!.Generation;
        var members = s.Members.ToList();
        // Only who recorded a generation may start it: two leaders could choose different owners. And who has accepted a later one is in none.
        if (members.Exists(c => c.IsConnected && (c.Session!.Standing.Generation > generation || (!IsOurs(s) && !c.TrainsIn(generation)))))
            return Form(s, FormationCause.NewLeader, $"generation {generation} does not train and was another leader's");
        var broken = members.Where(c => c.Session?.Broken?.Generation == generation).Select(c => c.Session!.Broken!).ToList();
        if (broken.Count == 0)
            return s.View.Stalled is { } why && members.TrueForAll(c => c.IsConnected) ? Form(s, FormationCause.Broken, why) : MembershipDecision.Nothing;
        if (!members.TrueForAll(c => c.IsConnected))
            return Keep("the group is broken; waits for who is not connected");
        var left = broken.Min(b => b.At) + Pause(s, broken.Min(b => b.At)) - s.View.Sessions.Now;
        return left > TimeSpan.Zero
            ? Keep("the group is broken; waits for the news of who broke it", left)
            : Form(s, FormationCause.Broken, $"the group broke, nobody is lost: {broken[0].Reason}");
    }

    /// <summary>
    /// Between two workers that do not reach each other every group breaks: half of the time since the last step makes the pauses grow by
    /// half each time, without counting them.
    /// </summary>
    private static TimeSpan Pause(Selection s, TimeSpan brokenAt)
    {
        var grown = s.View.Sessions.LastAdvance is { } advance ? (brokenAt - advance) / 2 : TimeSpan.Zero;
        return grown < MembershipTimes.Broken ? MembershipTimes.Broken : grown > MembershipTimes.LongestPause ? MembershipTimes.LongestPause : grown;
    }

    /// <summary>
    /// Nobody is left who knows the last group to be over. Those that may have taken its state over shortly before are asked once more: what
    /// they said last may be older than the loss.
    /// </summary>
    private static MembershipDecision WithoutWitness(Selection s)
    {
        var now = s.View.Sessions.Now;
        var lostAt = s.All.Where(c => s.Witnesses.Contains(c.Uid)).Max(c => c.Session?.ClosedAt ?? c.Session?.LastHeard ?? TimeSpan.Zero);
        var left = lostAt + MembershipTimes.Reconnect - now;
        return left > TimeSpan.Zero && s.Members.Any(c => c.IsConnected) ? Keep("waits for whoever may have the state", left) : Restart();
    }

    private static MembershipDecision Form(Selection s, FormationCause cause, string message) => new(
        MembershipChange.Form,
        new(NextGeneration(s), s.View.Attempt, [.. s.Chosen.Select(c => new GangMember(c.Index, c.Uid, s.Recorded is null || s.Witnesses.Contains(c.Uid)))]),
        cause, message);

    private static MembershipDecision Hold(Selection s)
    {
        var reason = $"{s.Chosen.Count} of at least {s.View.Size.Needed} workers live: the others keep the state in memory and wait";
        GangMember[] witnesses = [.. s.Recorded!.Members.Where(m => s.Witnesses.Contains(m.PodUid)).Select(m => m with { IsWitness = true })];
        return new(MembershipChange.Hold, new(NextGeneration(s), s.View.Attempt, witnesses, reason), FormationCause.None, reason)
        {
            Writer = HoldWriterPolicy.Choose(s),
        };
    }

    private static MembershipDecision Restart() =>
        new(MembershipChange.Restart, null, FormationCause.None, "no worker that lives has the state of the training");

    private static MembershipDecision Keep(string message, TimeSpan? lookAgain = null) =>
        MembershipDecision.Nothing with { Message = message, LookAgain = lookAgain };

    /// <summary>Above whatever anybody has accepted, also where the record was lost.</summary>
    private static long NextGeneration(Selection s) =>
        s.View.Sessions.Members.Select(m => m.Standing.Generation).Append(s.View.Recorded?.Generation ?? 0).Max() + 1;

    private static string Listed(List<Candidate> gone) =>
        string.Join(", ", gone.Take(3).Select(c => $"worker {c.Index}{(c.Lost is null or EvictionReason.Left ? "" : $" ({c.LostMessage})")}"))
        + (gone.Count > 3 ? $" and {gone.Count - 3} more" : "");

    private static bool IsOurs(Selection s) => s.View.Sessions.Announced?.Generation == s.Recorded!.Generation;

    private static Eviction[] Evictions(Selection s, MembershipDecision decision)
    {
        if (decision.Change == MembershipChange.Restart)
            return [.. s.All.Where(c => c.Lost is not null).Select(c => c.Evicted(c.Lost!.Value, c.LostMessage))];
        var stays = (decision.Membership?.Members ?? s.Recorded?.Members ?? []).Select(m => m.PodUid).ToHashSet();
        return [.. s.All.Select(c => Evicted(s, c, stays.Contains(c.Uid), decision)).OfType<Eviction>()];
    }

    private static Eviction? Evicted(Selection s, Candidate c, bool stays, MembershipDecision decision)
    {
        if (c.Lost is { } reason)
            return c.Pod is not null || decision.Membership is not null ? c.Evicted(reason, c.LostMessage) : null;
        if (stays || c.Pod is null)
            return null;
        if (c.IsLeaving)
            return c.Member is null ? null : c.Evicted(EvictionReason.Left, "it was asked to end");
        if (c.Index >= s.View.Size.Target)
            return c.Evicted(EvictionReason.Resized, "the gang has fewer workers now");
        return Selection.NewestPod(s, c.Index) == c ? null : c.Evicted(EvictionReason.Replaced, "its slot has a newer pod");
    }

    private static TimeSpan? Soonest(Selection s, TimeSpan? other)
    {
        // A member's verdict changes who trains; that of one who waits, who is replaced.
        var soonest = s.All.Where(c => c.Lost is null).Select(c => c.LostIn).Append(other).Min();
        return soonest is { } t && t < TimeSpan.Zero ? TimeSpan.Zero : soonest;
    }
}
