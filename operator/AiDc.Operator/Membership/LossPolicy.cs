using System.Globalization;

namespace AiDc.Operator.Membership;

/// <summary>
/// Whether a worker is lost. Evidence of the API server and of peers counts at once, silence only after a time, and never while the gang makes
/// steps: in synchronous training a step proves that every member lives (compare ByteRobust, SOSP 2025, which waits for the same contradiction).
/// </summary>
internal static class LossPolicy
{
    public static IReadOnlyList<Candidate> Judge(GangView view)
    {
        var named = NamedByPeers(view);
        var candidates = Candidates(view);
        var somebodySpeaks = candidates.Any(c => c.Member is not null && c.IsConnected);
        return [.. candidates.Select(c => Judge(view, c, named.Contains(c.Uid), somebodySpeaks))];
    }

    /// <summary>The recorded membership, where it is of this attempt.</summary>
    public static RecordedMembership? Present(GangView view) => view.Recorded is { } r && r.Attempt == view.Attempt ? r : null;

    private static List<Candidate> Candidates(GangView view)
    {
        var members = Present(view)?.Members ?? [];
        var ofMembers = members.ToDictionary(m => m.PodUid);
        var sessions = view.Sessions.Members.ToDictionary(s => s.PodUid);
        var pods = view.Pods.ToDictionary(p => p.Uid);
        var gone = members.Where(m => !pods.ContainsKey(m.PodUid)).Select(m => new Candidate(m.Index, m.PodUid, null, sessions.GetValueOrDefault(m.PodUid), m));
        return [.. gone, .. view.Pods.Select(p => new Candidate(p.Index, p.Uid, p, sessions.GetValueOrDefault(p.Uid), ofMembers.GetValueOrDefault(p.Uid)))];
    }

    /// <summary>Pods whose connection a peer saw closed, in the group that is recorded.</summary>
    private static HashSet<string> NamedByPeers(GangView view)
    {
        if (Present(view) is not { IsHold: false } recorded)
            return [];
        return [.. view.Sessions.Members
            .Where(s => s.Broken?.Generation == recorded.Generation && s.Broken.ClosedRanks.Count > 0 && recorded.Has(s.PodUid))
            .SelectMany(s => s.Broken!.ClosedRanks)
            .Select(rank => rank / Math.Max(1, view.Processes))
            .Where(position => position >= 0 && position < recorded.Members.Count)
            .Select(position => recorded.Members[position].PodUid)];
    }

    private static Candidate Judge(GangView view, Candidate c, bool named, bool somebodySpeaks)
    {
        if (c.Pod?.LostBecause is { } because)
            return Out(c, EvictionReason.NodeLost, because);
        if (c.Pod?.State == GangPodState.Ended)
            return Out(c, EvictionReason.PodEnded, "its container ended");
        if (c.IsConnected)
            return NotReady(view, Silent(view, c, c.Session!.LastHeard));
        if (c.Session is null && c.Pod is not null)
            return c.Member is null ? c : Silent(view, c, TimeSpan.Zero); // One that never was heard may be starting; a member was heard once.
        if (c.Session is not null && named)
            return Out(c, EvictionReason.ConnectionClosed, "its connections to the operator and to its peers are closed");
        // Where nobody of the gang speaks, it may be the leader that nobody reaches.
        var patience = somebodySpeaks && c.Member is not null ? MembershipTimes.Reconnect : Later(view.LostWorkerAfter, MembershipTimes.Reconnect);
        var reason = c.Pod is null ? EvictionReason.PodGone : EvictionReason.ConnectionClosed;
        return After(view, c, Since(view, c, c.Session?.ClosedAt ?? TimeSpan.Zero), patience, reason,
            c.Pod is null ? "its pod is gone" : $"its connection to the operator closed and it did not come back within {Text(patience)}");
    }

    private static Candidate Silent(GangView view, Candidate c, TimeSpan heard)
    {
        var judged = After(view, c, Since(view, c, heard), view.LostWorkerAfter, EvictionReason.Silent,
            $"nothing was heard of it for {Text(view.LostWorkerAfter)}, and the gang made no step");
        var quiet = !c.IsConnected || view.Sessions.Now - heard > MembershipTimes.Quiet;
        return quiet ? judged : judged with { LostIn = null };
    }

    private static Candidate NotReady(GangView view, Candidate c)
    {
        if (c.Lost is not null || c.Member is null || Present(view) is not { IsHold: false } recorded || view.Sessions.Announced is not { } announced
            || announced.Generation != recorded.Generation || c.Session!.ReadyGeneration == recorded.Generation || c.TrainsIn(recorded.Generation))
            return c;
        var judged = After(view, c, Later(announced.At, view.Sessions.ForgivenAt), MembershipTimes.Ready, EvictionReason.NotReady,
            $"it was not ready for generation {recorded.Generation} within {Text(MembershipTimes.Ready)}");
        return judged with { LostIn = Sooner(judged.LostIn, c.LostIn) };
    }

    /// <summary>The last moment at which the worker is known to have lived, or is not blamed for silence.</summary>
    private static TimeSpan Since(GangView view, Candidate c, TimeSpan heard)
    {
        var since = Later(heard, Later(CouldBeHeard(view.Sessions, c), view.Sessions.ForgivenAt));
        // A step is heard of up to one heartbeat after it was made.
        return c.Member is not null && view.Sessions.LastAdvance is { } advance ? Later(since, advance - MembershipTimes.Heartbeat) : since;
    }

    /// <summary>From when on silence is the worker's own. All of a gang lose their leader together, so once the first asks for another the rest do.</summary>
    private static TimeSpan CouldBeHeard(GangSessions sessions, Candidate c)
    {
        if (c.Session is not null)
            return sessions.LeaderSince;
        return sessions.Search is { } search
            ? Later(search.Since, search.Asked.GetValueOrDefault(c.Uid))
            : sessions.LeaderSince + MembershipTimes.Finding;
    }

    private static Candidate After(GangView view, Candidate c, TimeSpan since, TimeSpan patience, EvictionReason reason, string message)
    {
        var left = since + patience - view.Sessions.Now;
        return left > TimeSpan.Zero ? c with { LostIn = left } : Out(c, reason, message);
    }

    private static Candidate Out(Candidate c, EvictionReason reason, string message) =>
        c.IsLeaving && reason != EvictionReason.NodeLost
            ? c with { Lost = EvictionReason.Left, LostMessage = "it was asked to end and has gone" }
            : c with { Lost = reason, LostMessage = message };

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b : a;

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}
