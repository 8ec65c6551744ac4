using AiDc.Operator.Membership;

namespace AiDc.Protocol.Tests.Model;

/// <summary>What a leader of the model would hand to the decision. Time has no place in it: who counts as lost is chosen by the exploration.</summary>
internal static class ViewOf
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(1000);

    /// <param name="suspect">One that lives and is taken for lost; those that are dead are, in any case.</param>
    public static GangView Leader(World world, int l, string? suspect)
    {
        var leader = world.Leaders[l];
        var members = world.Record?.Members.Select(m => m.PodUid) ?? [];
        var uids = world.Workers.Select(w => w.Uid).Union(members).Union(leader.Peers.Keys);
        // Whoever may have taken over the state is given the time to say so.
        var allSaid = world.Workers.All(w => !w.Alive || w.Uid == suspect || w.Link != l || leader.Peers[w.Uid] is { Inbox.IsEmpty: true } p && p.Standing == w.Standing);
        return new()
        {
            Attempt = 1,
            Recorded = world.Record,
            Size = world.Rules.Size,
            Pods = [.. world.Workers.Select(w => new GangPod(w.Index, w.Incarnation, w.Uid, w.Uid) { LostBecause = IsLost(w.Uid) ? "lost" : null })],
            Sessions = new()
            {
                Now = Now,
                Announced = leader.Announced is { } a ? (a.Generation, Now) : null,
                HoldWriter = leader.HoldWriter,
                Members = [.. uids.Select(uid => Session(leader.Peers.GetValueOrDefault(uid) ?? new(), uid, IsLost(uid)))],
            },
        };

        bool IsLost(string uid) => uid == suspect || world.Worker(uid) is null;

        MemberSession Session(PeerNode peer, string uid, bool lost)
        {
            var heard = lost && allSaid ? TimeSpan.Zero : Now;
            var connected = peer.Connected && (!lost || uid == suspect);
            return new(uid[1] - '0', 1, uid)
            {
                Connected = connected,
                ClosedAt = connected ? null : heard,
                LastHeard = heard,
                Standing = peer.Standing,
                PreparedSince = TimeSpan.Zero,
                ReadyGeneration = peer.Ready?.Generation ?? 0,
                Broken = peer.Broken is { } b ? new(b.Generation, [.. b.Closed.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)], "closed", TimeSpan.Zero) : null,
            };
        }
    }
}
