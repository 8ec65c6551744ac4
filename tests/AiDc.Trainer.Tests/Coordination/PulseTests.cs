using AiDc.Trainer.Coordination;

namespace AiDc.Trainer.Tests.Coordination;

internal sealed class PulseTests
{
    [Test]
    public async Task Heartbeats_have_a_thread_of_their_own_and_come_while_the_pool_has_none_left()
    {
        using var release = new ManualResetEventSlim();
        using var wake = new AutoResetEvent(false);
        using var stop = new CancellationTokenSource();
        // More than there are, and than the pool would add while this runs.
        for (var i = 0; i < 200; i++) ThreadPool.UnsafeQueueUserWorkItem(_ => release.Wait(), null);
        using var ticked = new ManualResetEventSlim();
        var ofPool = true;
        var sending = CoordinatorStream.OnThread(() =>
        {
            var pulse = new Pulse(TimeProvider.System, TimeSpan.FromMilliseconds(1));
            for (var ticks = 0; ticks < 20;)
            {
                if (pulse.Next(wake, stop.Token).Tick) ticks++;
            }

            ofPool = Thread.CurrentThread.IsThreadPoolThread;
            ticked.Set();
            pulse = new(TimeProvider.System, TimeSpan.FromHours(1));
            while (true) pulse.Next(wake, stop.Token);
        });
        try
        {
            Assert.That(ticked.Wait(TimeSpan.FromMinutes(1)));
            Assert.That(ofPool, Is.False);
        }
        finally
        {
            release.Set();
        }

        await stop.CancelAsync();
        Assert.That(async () => await sending, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void News_comes_before_the_next_heartbeat_and_is_no_heartbeat()
    {
        using var wake = new AutoResetEvent(true);
        var pulse = new Pulse(TimeProvider.System, TimeSpan.FromHours(1));

        Assert.That(pulse.Next(wake, CancellationToken.None), Is.EqualTo((false, true)));
    }
}
