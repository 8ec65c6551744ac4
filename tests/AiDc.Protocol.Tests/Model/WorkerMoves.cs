using System.Collections.Immutable;
using AiDc.Coordination.Members;

namespace AiDc.Protocol.Tests.Model;

/// <summary>What a worker, its training thread and its stream can do next.</summary>
internal static class WorkerMoves
{
    public static IEnumerable<Step> Of(World world, WorkerNode w)
    {
        if (!w.Alive)
        {
            if (world.Left.Replacements > 0)
                yield return new($"{w.Uid} is replaced", () => Replace(world, w) with { Left = world.Left with { Replacements = world.Left.Replacements - 1 } });
            yield break;
        }
        for (var l = 0; l < world.Leaders.Length; l++)
            if (w.Link < 0 && l is var at && world.Leaders[l] is { Alive: true, Leads: true })
                yield return new($"{w.Uid} dials {l}", () => Dial(world, w, at), Stream: w.Uid);
        if (w.Inbox.Count > 0)
            yield return new($"{w.Uid} gets {w.Inbox[0].Kind} {w.Inbox[0].Generation}", () => Receive(world, w), Stream: w.Uid);
        foreach (var step in Training(world, w))
            yield return step;
        if (world.Left.Breaks > 0 && w.Link >= 0)
            yield return new($"{w.Uid} loses its stream", () => Break(world, w) with { Left = world.Left with { Breaks = world.Left.Breaks - 1 } }, true);
        if (world.Left.Crashes > 0)
            yield return new($"{w.Uid} dies", () => Die(world, w) with { Left = world.Left with { Crashes = world.Left.Crashes - 1 } }, true);
    }

    /// <summary>What the training thread can do; its own doing, not what befalls it.</summary>
    public static IEnumerable<Step> Training(World world, WorkerNode w)
    {
        var m = w.Machine;
        if (w.Doing == Doing.Nothing)
        {
            if (m.InGroup && world.Left.Steps > 0)
                yield return new($"{w.Uid} begins {m.Generation}/{m.CommittedStep + 1}", () => Begin(world, w));
            yield break;
        }
        var group = world.Groups[m.Busy];
        var over = m.Generation != m.Busy || group.Members.Any(uid => HasLeft(world, uid, m.Busy));
        if (w.Doing == Doing.Joining)
        {
            var connected = group.Members.All(group.Entered.Contains);
            if (connected)
                yield return new($"{w.Uid} joined {m.Busy}", () => Rest(world, w with { History = group.Synchronise ? group.OwnerHistory : w.History }, new MemberInput.Joined(m.Busy, group.OwnerStep)));
            if (over)
                yield return new($"{w.Uid} fails to join {m.Busy}", () => Rest(world, w, new MemberInput.JoinFailed(m.Busy, false, default, "")));
            if (over && connected && group.Synchronise && w.Uid != group.Owner)
                yield return new($"{w.Uid} is torn in {m.Busy}", () => Rest(world, w with { History = "" }, new MemberInput.JoinFailed(m.Busy, true, default, "")));
            yield break;
        }
        if (group.IsComplete(w.DoingStep))
            yield return new($"{w.Uid} commits {m.Busy}/{w.DoingStep}", () => Rest(world, w with { History = $"{w.History}{m.Busy}.{w.DoingStep};" }, new MemberInput.Committed(m.Busy)));
        if (over)
            yield return new($"{w.Uid} rolls back {m.Busy}/{w.DoingStep}", () => Rest(world, w, new MemberInput.Failed(m.Busy, Closed(world, group), "closed")));
    }

    public static World Dial(World world, WorkerNode w, int l)
    {
        var leader = world.Leaders[l];
        var peer = leader.Peers.GetValueOrDefault(w.Uid) ?? new PeerNode();
        // A newer stream of the same pod ends the older one and what it still had to say.
        return world.With(w with { Link = l, Inbox = [] })
            .With(l, leader with { Peers = leader.Peers.SetItem(w.Uid, peer with { Inbox = [new Up(UpKind.Hello, w.Standing)] }) });
    }

    public static World Break(World world, WorkerNode w) => world.With(w with { Link = -1, Inbox = [] });

    public static World Die(World world, WorkerNode w) => world.With(w with { Alive = false, Link = -1, Inbox = [] });

    public static World Replace(World world, WorkerNode w) =>
        world.With(new WorkerNode(w.Index, w.Incarnation + 1, new MemberState { Phase = MemberPhase.Idle }));

    public static World Receive(World world, WorkerNode w)
    {
        var m = w.Inbox[0];
        w = w with { Inbox = w.Inbox.RemoveAt(0) };
        if (m.Kind == DownKind.Welcome && m.Transitions < w.Machine.Transitions)
            return Break(world, w); // It was deposed: the worker looks for another.
        return Apply(world, w, m.Kind switch
        {
            DownKind.Welcome => new MemberInput.Welcomed(m.Transitions),
            DownKind.Membership => new MemberInput.Membership(m.Transitions, m.Generation, m.Position),
            DownKind.Start => new MemberInput.Start(m.Transitions, m.Generation, m.Owner, m.Flag),
            _ => new MemberInput.Hold(m.Transitions, m.Generation, m.Flag),
        });
    }

    private static World Begin(World world, WorkerNode w)
    {
        var (generation, step) = (w.Machine.Generation, w.Machine.CommittedStep + 1);
        world = Apply(world, w with { Doing = Doing.Stepping, DoingStep = step }, new MemberInput.Begun(generation));
        var group = world.Groups[generation];
        group = group with { Given = group.Given.SetItem(w.Uid, step) };
        world = world.With(generation, group) with { Left = world.Left with { Steps = world.Left.Steps - 1 } };
        if (!group.IsComplete(step))
            return world;
        if (generation < world.Completed)
            world = world.Wrong($"groups of generations {generation} and {world.Completed} both commit steps");
        return world with { Completed = Math.Max(generation, world.Completed), CompletedSteps = world.CompletedSteps + 1 };
    }

    private static World Rest(World world, WorkerNode w, MemberInput input) => Apply(world, w with { Doing = Doing.Nothing, DoingStep = 0 }, input);

    /// <summary>Nobody can finish a collective with it any more.</summary>
    private static bool HasLeft(World world, string uid, long generation) =>
        world.Worker(uid) is not { } w || w.Machine.Generation > generation || (w.Machine.Generation == generation && w.Machine.Phase == MemberPhase.Broken);

    private static ValueList<int> Closed(World world, GroupNode group) =>
        new([.. group.Members.Select((uid, rank) => (uid, rank)).Where(m => world.Worker(m.uid) is null).Select(m => m.rank)]);

    private static World Apply(World world, WorkerNode w, MemberInput input)
    {
        var (machine, actions) = world.Rules.Machine(w.Machine, input);
        w = w with { Machine = machine };
        world = world.With(w);
        foreach (var action in actions)
            world = action switch
            {
                MemberAction.SendReady a => Send(world, world.Workers[w.Index], new Up(UpKind.Ready, w.Standing, a.Generation, History: w.History)),
                MemberAction.SendGroupBroken a => Send(world, world.Workers[w.Index], new Up(UpKind.Broken, w.Standing, a.Generation, string.Join(',', a.ClosedRanks))),
                MemberAction.Join a => Enter(world.With(world.Workers[w.Index] with { Doing = Doing.Joining }), w, a.Generation),
                _ => world,
            };
        return Beat(world, world.Workers[w.Index]);
    }

    /// <summary>What it says of itself changes: the leader is told at once, and hears it when it hears it.</summary>
    private static World Beat(World world, WorkerNode w)
    {
        if (w.Link < 0)
            return world;
        var peer = world.Leaders[w.Link].Peers[w.Uid];
        var last = peer.Inbox.FindLast(u => u.Kind is UpKind.Hello or UpKind.Beat)?.Standing ?? peer.Standing;
        return last == w.Standing ? world : Send(world, w, new Up(UpKind.Beat, w.Standing));
    }

    private static World Enter(World world, WorkerNode w, long generation)
    {
        var group = world.Groups[generation];
        return world.With(generation, group with { Entered = group.Entered.Add(w.Uid) });
    }

    private static World Send(World world, WorkerNode w, Up message)
    {
        if (w.Link < 0)
            return world;
        var leader = world.Leaders[w.Link];
        var peer = leader.Peers[w.Uid];
        return world.With(w.Link, leader with { Peers = leader.Peers.SetItem(w.Uid, peer with { Inbox = peer.Inbox.Add(message) }) });
    }
}
