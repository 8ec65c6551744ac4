using System.Threading.Channels;

namespace AiDc.Gateway.Demand;

/// <summary>Tells the stream to the operator that something cannot wait for the next report. What is told while one is under way counts once.</summary>
internal sealed class DemandWake
{
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => wake.Writer.TryWrite(true);

    /// <summary>Returns once it is set, or after <paramref name="interval"/>.</summary>
    public async Task WaitAsync(TimeSpan interval, TimeProvider clock, CancellationToken ct)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(Task.Delay(interval, clock, pause.Token), wake.Reader.WaitToReadAsync(pause.Token).AsTask());
        await pause.CancelAsync();
        wake.Reader.TryRead(out _);
        ct.ThrowIfCancellationRequested();
    }
}
