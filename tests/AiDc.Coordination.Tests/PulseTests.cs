namespace AiDc.Coordination.Tests;

internal sealed class PulseTests
{
    [Test]
    public async Task Heartbeats_have_a_thread_of_their_own_and_not_one_of_the_pool()
    {
        using var wake = new AutoResetEvent(false);
        using var stop = new CancellationTokenSource();
        var ofPool = new TaskCompletionSource<bool>();
        var sending = CoordinatorStream.OnThread(() =>
        {
            var pulse = new Pulse(TimeProvider.System, TimeSpan.FromMilliseconds(1));
            for (var ticks = 0; ticks < 20;)
            {
                if (pulse.Next(wake, stop.Token).Tick) ticks++;
            }

            ofPool.SetResult(Thread.CurrentThread.IsThreadPoolThread);
            pulse = new(TimeProvider.System, TimeSpan.FromHours(1));
            while (true) pulse.Next(wake, stop.Token);
        });

        Assert.That(await ofPool.Task, Is.False);
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
