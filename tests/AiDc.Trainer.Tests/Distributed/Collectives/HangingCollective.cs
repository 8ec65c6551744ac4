using System.Diagnostics;
using AiDc.Trainer.Distributed.Collectives;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>A group that does one collective over and over on a thread, until a peer no longer answers and its collective hangs.</summary>
internal sealed class HangingCollective
{
    /// <summary>For a hang, not for the speed: that is printed.</summary>
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(5);

    private readonly ICollectiveGroup group;
    private readonly Task<CollectiveException> ended;
    private int rounds;

    /// <param name="collective">A sum where there is none.</param>
    public HangingCollective(ICollectiveGroup group, Action<ICollectiveGroup>? collective = null)
    {
        this.group = group;
        ended = Gang.Start(() => RepeatUntilItFails(collective ?? PeerProcess.Sum));
    }

    /// <summary>Until some went well: the peers are there and the connections in use.</summary>
    public void WaitForRounds(int count = 20) => Assert.That(SpinWait.SpinUntil(() => Volatile.Read(ref rounds) >= count, Gang.Patience), "no collective ended well");

    /// <summary>Until no round ended for a second: one that takes that long, takes it because a peer is silent.</summary>
    public void WaitUntilItHangs()
    {
        int before;
        do
            before = Volatile.Read(ref rounds);
        while (SpinWait.SpinUntil(() => Volatile.Read(ref rounds) != before, TimeSpan.FromSeconds(1)));
        Assert.That(ended.IsCompleted, Is.False, "the collective ended by itself");
    }

    /// <summary>Aborts from this thread; prints how long it took until the other one was out of its collective.</summary>
    public CollectiveException Abort(string what)
    {
        var watch = Stopwatch.StartNew();
        group.Abort();
        Assert.That(ended.Wait(Generous), $"a collective that hangs because of {what} was not released by Abort");
        TestContext.Out.WriteLine($"{what}: released in {watch.Elapsed.TotalMilliseconds:F1} ms");
        return ended.Result;
    }

    public CollectiveException WaitForFailure()
    {
        Assert.That(ended.Wait(Gang.Patience), "the collective did not fail");
        return ended.Result;
    }

    private CollectiveException RepeatUntilItFails(Action<ICollectiveGroup> collective)
    {
        while (true)
        {
            try
            {
                collective(group);
            }
            catch (CollectiveException e)
            {
                return e;
            }

            Interlocked.Increment(ref rounds);
        }
    }
}
