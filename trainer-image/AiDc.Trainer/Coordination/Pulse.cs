using System.Threading.Channels;

namespace AiDc.Trainer.Coordination;

/// <summary>Waits for the next heartbeat, or for news before it.</summary>
internal sealed class Pulse : IDisposable
{
    private readonly Channel<bool> ticks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer timer;

    public Pulse(TimeProvider clock, TimeSpan interval) =>
        timer = clock.CreateTimer(_ => ticks.Writer.TryWrite(true), null, interval, interval);

    /// <returns>Whether a heartbeat is due, and whether there was news.</returns>
    public async Task<(bool Tick, bool News)> NextAsync(ChannelReader<bool> wake, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(ticks.Reader.WaitToReadAsync(either.Token).AsTask(), wake.WaitToReadAsync(either.Token).AsTask());
        ct.ThrowIfCancellationRequested();
        await either.CancelAsync();
        return (ticks.Reader.TryRead(out _), wake.TryRead(out _));
    }

    public void Dispose() => timer.Dispose();
}
