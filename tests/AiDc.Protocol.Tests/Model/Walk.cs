namespace AiDc.Protocol.Tests.Model;

/// <summary>
/// One long life at random: where an exploration that is exhaustive does not reach in its time. Now and then some workers are cut off from the
/// leaders and train on.
/// </summary>
internal static class Walk
{
    /// <returns>The story, and the world in which something is wrong, or the last one.</returns>
    public static (List<string> Story, World World) Take(World world, Random random, int steps, double faults)
    {
        List<string> story = [];
        HashSet<string> cutOff = [];
        for (var i = 0; i < steps && world.Violation is null; i++)
        {
            if (random.NextDouble() < 0.03)
                cutOff = [.. world.Workers.Where(_ => random.Next(3) == 0).Select(w => w.Uid)];
            var all = Explorer.Steps(world).Where(s => s.Stream is null || !cutOff.Contains(s.Stream)).ToList();
            var fault = random.NextDouble() < faults;
            var open = all.FindAll(s => s.IsFault == fault);
            if (open.Count == 0 && (open = all).Count == 0)
                break;
            var step = open[random.Next(open.Count)];
            story.Add(step.Name);
            world = step.Apply();
        }
        return (story, world);
    }
}
