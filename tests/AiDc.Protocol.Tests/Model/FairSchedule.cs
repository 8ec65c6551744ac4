namespace AiDc.Protocol.Tests.Model;

/// <summary>From any world on: the network is quiet, nobody dies any more, each gets its turn. Then the gang has to make steps.</summary>
internal static class FairSchedule
{
    private const int Rounds = 60;

    /// <returns>Null where the gang gets to a step in a generation that is recorded, or starts a new attempt; else where it is stuck.</returns>
    public static World? StuckAt(World world)
    {
        world = Calm(world);
        var (before, steps) = (world.Completed, world.CompletedSteps);
        for (var round = 0; round < Rounds; round++)
        {
            world = Round(world);
            if (world.Violation is not null)
                return world;
            if (world.Restarted || (world.CompletedSteps > steps && world.Completed >= before && world.Completed == world.Record?.Generation))
                return null;
        }
        return world;
    }

    /// <summary>One leader is left, the newest; the dead are replaced; no budget stands in the way.</summary>
    /// <summary>All that happens in an orderly life from here on, world by world.</summary>
    public static IEnumerable<World> Life(World world, int rounds)
    {
        for (var round = 0; round < rounds; round++)
            foreach (var next in Orderly(world))
                yield return world = next;
    }

    private static World Calm(World world)
    {
        var l = world.Leaders[0].Transitions > world.Leaders[1].Transitions ? 0 : 1;
        if (!world.Leaders[l].Alive || !world.Leaders[l].Leads)
            world = LeaderMoves.Elect(world, l, otherDies: true);
        else if (world.Leaders[1 - l].Leads)
            world = LeaderMoves.Die(world, 1 - l);
        foreach (var w in world.Workers.Where(w => !w.Alive).ToList())
            world = WorkerMoves.Replace(world, w);
        return world with { Left = new Budget(0, 0, 0, 0, 1000, 1000, 0) };
    }

    private static World Round(World world) => Orderly(world).LastOrDefault(world);

    private static IEnumerable<World> Orderly(World world)
    {
        var l = world.Leaders[0].Leads ? 0 : 1;
        foreach (var uid in world.Leaders[l].Peers.Keys)
            if (world.Leaders[l].Peers[uid].Connected && LeaderMoves.IsBroken(world, l, uid))
                yield return world = LeaderMoves.Notice(world, l, uid);
        for (var i = 0; i < world.Workers.Length; i++)
        {
            if (!world.Workers[i].Alive)
                continue;
            if (world.Workers[i].Link < 0)
                yield return world = WorkerMoves.Dial(world, world.Workers[i], l);
            while (world.Workers[i].Inbox.Count > 0)
                yield return world = WorkerMoves.Receive(world, world.Workers[i]);
            foreach (var step in WorkerMoves.Training(world, world.Workers[i]).Take(1).ToList())
                yield return world = step.Apply();
        }
        foreach (var uid in world.Leaders[l].Peers.Keys)
            while (world.Leaders[l].Peers[uid].Inbox.Count > 0)
                yield return world = LeaderMoves.Hear(world, l, uid);
        if (world.Leaders[l].Pending is null && LeaderMoves.Decide(world, l, null) is { } decided)
            yield return world = decided;
        if (world.Leaders[l].Pending is not null)
            yield return world = LeaderMoves.Write(world, l);
    }
}
