using AiDc.Operator.Membership;

namespace AiDc.Operator.Coordination.Board;

/// <summary>The membership that this leader announced last, and how far it is. Guarded by the lock of its job's entry.</summary>
internal sealed class GangFormation(GangMetrics metrics)
{
    private StartOrder? start;
    private bool stepped;
    private TimeSpan? lostAt;

    public RecordedMembership? Announced { get; private set; }

    public TimeSpan AnnouncedAt { get; private set; }

    public string? HoldWriter { get; private set; }

    public void Announce(MembershipDecision decision, Dictionary<string, GangPeer> peers, TimeSpan now, long transitions)
    {
        if (decision.Membership is not { } membership || membership.Generation <= Announced?.Generation)
            return;
        (Announced, AnnouncedAt, HoldWriter, start, stepped) = (membership, now, decision.Writer, null, false);
        metrics.Decided(decision);
        if (decision.Evicted.Any(e => e is { IsLoss: true, WasMember: true }))
            lostAt ??= now;
        var message = membership.IsHold ? null : GangMessages.Membership(transitions, membership);
        foreach (var peer in peers.Values)
            peer.Link?.Send(message ?? Hold(peer, membership, transitions));
    }

    /// <summary>Tells one that comes, or comes back, what it has missed.</summary>
    public void Welcome(GangPeer peer, long transitions)
    {
        if (Announced is { } membership && peer.Standing.Generation < membership.Generation)
            peer.Link!.Send(membership.IsHold ? Hold(peer, membership, transitions) : GangMessages.Membership(transitions, membership));
    }

    public void Ready(GangPeer peer, Dictionary<string, GangPeer> peers, TimeSpan now, long transitions)
    {
        // One that is ready again after the start has not got it.
        if (start is { } order && peer.Ready!.Generation == order.Generation && Announced!.Has(peer.Worker.PodUid))
            peer.Link!.Send(GangMessages.Start(transitions, order));
        else
            TryStart(peers, now, transitions);
    }

    /// <returns>Whether it was the generation's first step.</returns>
    public bool Advanced(GangPeer peer, TimeSpan now)
    {
        if (stepped || Announced is not { } membership || peer.Standing.Generation != membership.Generation)
            return false;
        stepped = true;
        if (lostAt is { } lost)
            metrics.SteppedAfter(now - lost);
        lostAt = null;
        return true;
    }

    private void TryStart(Dictionary<string, GangPeer> peers, TimeSpan now, long transitions)
    {
        if (start is not null || Announced is not { IsHold: false } membership)
            return;
        var ready = new Dictionary<string, ReadyMember>(membership.Members.Count);
        foreach (var member in membership.Members)
        {
            if (!peers.TryGetValue(member.PodUid, out var peer) || peer.Ready is not { } r || r.Generation != membership.Generation)
                return;
            ready[member.PodUid] = r;
        }
        start = StartPolicy.Decide(membership, ready);
        if (start is null)
            return;
        if (lostAt is { } lost)
            metrics.StartedAfter(now - lost);
        var message = GangMessages.Start(transitions, start);
        foreach (var member in membership.Members)
            peers[member.PodUid].Link?.Send(message);
    }

    private AiDc.Coordination.V1.CoordinatorMessage Hold(GangPeer peer, RecordedMembership membership, long transitions) =>
        GangMessages.Hold(transitions, membership, peer.Worker.PodUid == HoldWriter);
}
