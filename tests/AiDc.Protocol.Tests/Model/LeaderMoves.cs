using System.Collections.Immutable;
using System.Text;
using AiDc.Operator.Membership;

namespace AiDc.Protocol.Tests.Model;

/// <summary>What a replica of the operator can do next.</summary>
internal static class LeaderMoves
{
    public static IEnumerable<Step> Of(World world, int l)
    {
        var leader = world.Leaders[l];
        if (!leader.Alive)
            yield break;
        if (!leader.Leads)
        {
            if (world.Left.Elections > 0)
            {
                yield return new($"{l} is elected, {1 - l} does not know", () => Elect(world, l, otherDies: false), true);
                yield return new($"{l} is elected, {1 - l} is dead", () => Elect(world, l, otherDies: true), true);
            }
            yield break;
        }
        foreach (var uid in leader.Peers.Keys)
        {
            if (leader.Peers[uid].Inbox.Count > 0)
                yield return new($"{l} hears {leader.Peers[uid].Inbox[0].Kind} of {uid}", () => Hear(world, l, uid), Stream: uid);
            if (leader.Peers[uid].Connected && IsBroken(world, l, uid))
                yield return new($"{l} notices that {uid} is off", () => Notice(world, l, uid));
        }
        if (leader.Pending is not null)
        {
            yield return new($"{l} writes", () => Write(world, l));
            if (world.Left.Elections > 0)
                yield return new($"{l} writes and dies", () => WriteAndDie(world, l), true);
        }
        else if (world.Left.Decisions > 0)
        {
            yield return new($"{l} decides", () => Decide(world, l, null) ?? world);
            foreach (var w in world.Workers)
                if (w.Alive && world.Left.Suspicions > 0)
                    yield return new($"{l} decides, and takes {w.Uid} for lost", () => DecideWrongly(world, l, w.Uid), true);
        }
    }

    public static World Elect(World world, int l, bool otherDies)
    {
        var transitions = world.Leaders.Max(x => x.Transitions) + 1;
        if (otherDies)
            world = Die(world, 1 - l);
        return world.With(l, new LeaderNode { Leads = true, Transitions = transitions }) with { Left = world.Left with { Elections = world.Left.Elections - 1 } };
    }

    public static World Die(World world, int l)
    {
        foreach (var w in world.Workers.Where(w => w.Link == l))
            world = world.With(w with { Link = -1, Inbox = [] });
        return world.With(l, new LeaderNode { Alive = false, Transitions = world.Leaders[l].Transitions });
    }

    public static bool IsBroken(World world, int l, string uid) => world.Worker(uid) is not { } w || w.Link != l;

    public static World Notice(World world, int l, string uid)
    {
        var leader = world.Leaders[l];
        return world.With(l, leader with { Peers = leader.Peers.SetItem(uid, leader.Peers[uid] with { Connected = false, Inbox = [] }) });
    }

    public static World Hear(World world, int l, string uid)
    {
        var leader = world.Leaders[l];
        var peer = leader.Peers[uid];
        var message = peer.Inbox[0];
        peer = peer with { Inbox = peer.Inbox.RemoveAt(0) };
        peer = message.Kind switch
        {
            UpKind.Hello => peer with { Connected = true, Standing = message.Standing },
            UpKind.Beat => peer with { Standing = message.Standing },
            UpKind.Ready => peer with { Ready = message },
            _ => peer.Broken?.Generation == message.Generation ? peer : peer with { Broken = message },
        };
        leader = leader with { Peers = leader.Peers.SetItem(uid, peer) };
        world = world.With(l, leader);
        if (message.Kind == UpKind.Hello)
        {
            world = Tell(world, l, uid, new Down(DownKind.Welcome, leader.Transitions));
            return leader.Announced is { } announced && announced.Generation > message.Standing.Generation ? Tell(world, l, uid, Order(leader, announced, uid)) : world;
        }
        if (message.Kind != UpKind.Ready)
            return world;
        if (leader.Start is { } start && start.Generation == message.Generation && leader.Announced!.Has(uid))
            return Tell(world, l, uid, StartFor(leader, start, uid));
        return TryStart(world, l);
    }

    /// <summary>The record is written over the version decided on, or not at all; then all are told.</summary>
    public static World Write(World world, int l)
    {
        var leader = world.Leaders[l];
        var (version, decision) = leader.Pending!.Value;
        leader = leader with { Pending = null };
        if (world.Rules.ComparesVersion && version != world.Version)
            return world.With(l, leader);
        if (decision.Change == MembershipChange.Restart)
            return world with { Restarted = true };
        leader = leader with { Announced = decision.Membership, HoldWriter = decision.Writer, Start = null };
        world = world.With(l, leader) with { Record = decision.Membership, Version = world.Version + 1 };
        return leader.Peers.Keys.Aggregate(world, (w, uid) => Tell(w, l, uid, Order(leader, decision.Membership!, uid)));
    }

    private static World WriteAndDie(World world, int l)
    {
        var (version, decision) = world.Leaders[l].Pending!.Value;
        if (version == world.Version && decision.Membership is not null)
            world = world with { Record = decision.Membership, Version = world.Version + 1 };
        return world.Leaders[1 - l].Leads ? Die(world, l) : Elect(world, 1 - l, otherDies: true);
    }

    private static World DecideWrongly(World world, int l, string suspect) =>
        Decide(world, l, suspect) is { } next ? next with { Left = next.Left with { Suspicions = next.Left.Suspicions - 1 } } : world;

    /// <returns>Null where all stays as it is.</returns>
    public static World? Decide(World world, int l, string? suspect)
    {
        var decision = world.Rules.Decide(ViewOf.Leader(world, l, suspect));
        if (decision.Change == MembershipChange.Keep)
            return null;
        var leader = world.Leaders[l];
        if (decision.Change == MembershipChange.Restart)
            world = CheckRestart(world, leader, l, suspect);
        return world.With(l, leader with { Pending = (world.Version, decision) }) with { Left = world.Left with { Decisions = world.Left.Decisions - 1 } };
    }

    private static World CheckRestart(World world, LeaderNode leader, int l, string? suspect)
    {
        // Only a witness is known to have the newest state: of another the leader cannot know whether a later group went on without it.
        var keeper = world.Workers.FirstOrDefault(w => w.Alive && w.Link == l && w.Uid != suspect && leader.Peers[w.Uid].Connected && w.Machine.HasState
            && world.Record!.Members.Any(m => m.PodUid == w.Uid && (m.IsWitness || w.Machine.StateGeneration == world.Record.Generation)));
        return keeper is null ? world : world.Wrong($"the gang is given up while {keeper.Uid} has its state");
    }

    private static World TryStart(World world, int l)
    {
        var leader = world.Leaders[l];
        if (leader.Start is not null || leader.Announced is not { IsHold: false } membership)
            return world;
        var ready = leader.Peers.Where(p => p.Value.Ready is not null).ToDictionary(p => p.Key, p => ReadyOf(p.Key, p.Value.Ready!));
        if (world.Rules.Start(membership, ready) is not { } start)
            return world;
        leader = leader with { Start = start };
        world = Begin(world.With(l, leader), membership, start, leader.Peers);
        return membership.Members.Aggregate(world, (w, m) => Tell(w, l, m.PodUid, StartFor(leader, start, m.PodUid)));
    }

    /// <summary>The group that a start makes, and what must be true of it.</summary>
    private static World Begin(World world, RecordedMembership membership, StartOrder start, ImmutableSortedDictionary<string, PeerNode> peers)
    {
        var uids = membership.Members.Select(m => m.PodUid).ToImmutableArray();
        // By its word: it may be dead by now, and then nobody gets to join.
        var owner = peers[uids[start.OwnerRank]].Ready!;
        var group = owner.Standing.HasState
            ? new GroupNode(uids, uids[start.OwnerRank], start.Synchronise, owner.Standing.CommittedStep, owner.History)
            : new GroupNode(uids, uids[start.OwnerRank], start.Synchronise, 0, $"c{start.Generation};");
        if (world.Groups.TryGetValue(start.Generation, out var known))
            return known.Members.SequenceEqual(group.Members) && known.Owner == group.Owner ? world : world.Wrong($"two different starts of generation {start.Generation}");
        foreach (var w in world.Workers.Where(w => w.Alive && uids.Contains(w.Uid) && w.Machine.HasState && w.Machine.Generation == start.Generation))
        {
            if (Newness(w.Standing).CompareTo(Newness(owner.Standing)) > 0)
                world = world.Wrong($"generation {start.Generation} starts from {group.Owner} though {w.Uid} has committed more");
            if (!start.Synchronise && w.History != group.OwnerHistory)
                world = world.Wrong($"generation {start.Generation} starts with different weights on {w.Uid}");
        }
        return world.With(start.Generation, group);

        static (bool, long, long) Newness(MemberStanding s) => (s.HasState, s.StateGeneration, s.CommittedStep);
    }

    private static ReadyMember ReadyOf(string uid, Up ready) => new(
        ready.Generation, ready.Standing.HasState, ready.Standing.CommittedStep, ready.Standing.StateGeneration, [Encoding.UTF8.GetBytes(uid)]);

    private static Down Order(LeaderNode leader, RecordedMembership m, string uid)
    {
        if (m.IsHold)
            return new(DownKind.Hold, leader.Transitions, m.Generation, Flag: uid == leader.HoldWriter);
        var position = m.Members.Select((member, i) => (member.PodUid, i)).Where(x => x.PodUid == uid).Select(x => (int?)x.i).FirstOrDefault();
        return new(DownKind.Membership, leader.Transitions, m.Generation, position);
    }

    private static Down StartFor(LeaderNode leader, StartOrder start, string uid) => new(
        DownKind.Start, leader.Transitions, start.Generation, Owner: leader.Announced!.Members[start.OwnerRank].PodUid == uid, Flag: start.Synchronise);

    /// <summary>Into the stream that the leader knows; lost where the worker has another by now.</summary>
    private static World Tell(World world, int l, string uid, Down message)
    {
        var peer = world.Leaders[l].Peers[uid];
        var known = peer.Connected && !peer.Inbox.Exists(u => u.Kind == UpKind.Hello);
        return known && world.Worker(uid) is { } w && w.Link == l ? world.With(w with { Inbox = w.Inbox.Add(message) }) : world;
    }
}
