using AiDc.Trainer.Distributed.Collectives;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>A collective whose peer's node loses its network hangs, and Abort releases it.</summary>
[TestFixture]
[Category("Integration")]
[NonParallelizable]
internal sealed class LostNodeTests
{
    [Test]
    public void A_collective_whose_peer_is_cut_off_is_released([Values("cut cable", "silent drop")] string loss, [Values(2, 3)] int size)
    {
        using var network = TestNetwork.CreateOrIgnore();
        var threads = Gang.Threads();
        var (group, peers) = PeerProcess.Gang(new GlooBackend(TestNetwork.OurAddress), size, TestNetwork.TheirAddress, wrapper: network.Wrapper);
        using (var cleanUp = new Cleanup([group, .. peers]))
        {
            var hanging = new HangingCollective(group);
            hanging.WaitForRounds();
            if (loss == "cut cable")
                network.PullTheCable();
            else
                network.DropSilently();
            hanging.WaitUntilItHangs();

            var error = hanging.Abort($"{loss}, {size} ranks");

            Assert.That(error, Is.TypeOf<GroupAbortedException>());
        }

        // .NET's pool may have started some meanwhile.
        Assert.That(SpinWait.SpinUntil(() => Gang.Threads() <= threads + 5, Gang.Patience), "threads are left over");
        Assert.That(Gang.Run(2, g => g.Size), Is.All.EqualTo(2), "a new group works in this process");
    }
}
