using AiDc.Coordination.V1;

namespace AiDc.Coordination;

/// <summary>
/// Tells the operator how the training goes, in the background: it never blocks, never throws, and finds its way back by itself, whatever
/// becomes of the operator's replicas.
/// </summary>
internal sealed class CoordinatorClient : IAsyncDisposable
{
    private readonly CoordinatorSettings settings;
    private readonly TimeProvider clock;
    private readonly Func<double> random;
    private readonly Action<string> note;
    private readonly GangLink? gang;
    private readonly Outbox outbox;
    private readonly AutoResetEvent wake = new(false); // Never disposed: whoever has news may come late.
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;
    private bool stepTold;

    /// <param name="random">Uniform in [0, 1), for the back-off.</param>
    /// <param name="note">Takes a line for the log when something changes: connected, lost, refused.</param>
    /// <param name="gang">Of a worker that trains together with others; null for one by itself.</param>
    public CoordinatorClient(CoordinatorSettings settings, TimeProvider clock, Func<double> random, Action<string> note, GangLink? gang = null)
    {
        (this.settings, this.clock, this.random, this.note, this.gang) = (settings, clock, random, note, gang);
        outbox = new Outbox(gang);
        gang?.OnWake(() => wake.Set());
        running = Task.Run(() => RunAsync(stopping.Token));
    }

    public void Report(Heartbeat heartbeat, Progress progress)
    {
        outbox.Report(heartbeat, progress);
        // The first step is news; what follows can wait for the next heartbeat.
        if (!stepTold && progress.HasStepSeconds)
        {
            stepTold = true;
            wake.Set();
        }
    }

    public void CheckpointSaved(CheckpointSaved saved)
    {
        outbox.Add(saved);
        wake.Set();
    }

    public void Finished(Finished finished)
    {
        outbox.Add(finished);
        wake.Set();
    }

    /// <summary>Waits until all that has to arrive has arrived, at most <paramref name="limit"/>.</summary>
    public Task FlushAsync(TimeSpan limit) =>
        Task.WhenAny(outbox.Delivered(), running, Task.Delay(limit, clock));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        var session = new CoordinatorStream(settings, outbox, wake, clock, gang);
        var dial = new Dial(settings.Address, TimeSpan.Zero, 0, 0);
        string? said = null;
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(dial.After, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var end = await session.RunAsync(dial.Address, Welcomed, ct);
            if (ct.IsCancellationRequested)
                return;
            Say(end);
            dial = ReconnectPolicy.Next(dial, end, settings.Address, random(), gang is not null);
        }

        void Welcomed() => Note($"the operator listens at {dial.Address.Authority}");

        void Say(SessionEnd ended)
        {
            if (ended is SessionEnd.Refused refused)
                Note($"the operator refuses reports of this worker: {refused.Reason}; the training goes on");
            else if (ended is SessionEnd.Lost lost)
                Note($"the operator is not reached ({lost.Why}); the training goes on, reports follow when it is back");
        }

        // Once a change, not once an attempt.
        void Note(string line)
        {
            if (line != said)
                note(line);
            said = line;
        }
    }
}
