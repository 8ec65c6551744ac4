using AiDc.Coordination;
using AiDc.Coordination.V1;

namespace AiDc.Agent.Hosting;

/// <summary>Whoever says to an agent who its peers are, and wants to know how it goes.</summary>
internal interface IGang : IAsyncDisposable
{
    /// <param name="handler">Called one order after another; returns soon.</param>
    void Listen(Action<GangOrder> handler);

    void Stand(MemberState now);

    void SendReady(long generation, long step, long stepGeneration, IReadOnlyList<byte[]> addresses);

    void SendGroupBroken(long generation, string reason);

    void SendLeaving();

    void Report(Heartbeat heartbeat, Progress progress);

    void CheckpointSaved(CheckpointSaved saved);

    /// <summary>Tells that all has been done, and waits a while until that has arrived.</summary>
    Task FinishAsync();
}

/// <summary>The operator.</summary>
internal sealed class OperatorGang : IGang
{
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(3);

    private readonly GangLink link = new();
    private readonly CoordinatorSettings settings;
    private readonly TimeProvider time;
    private readonly Func<double> random;
    private readonly Action<string> note;
    private CoordinatorClient? client;

    public OperatorGang(CoordinatorSettings settings, TimeProvider time, Func<double> random, Action<string> note) =>
        (this.settings, this.time, this.random, this.note) = (settings, time, random, note);

    /// <summary>Dials: from here on orders come.</summary>
    public void Listen(Action<GangOrder> handler)
    {
        link.Listen(handler);
        client = new(settings, time, random, note, link);
    }

    public void Stand(MemberState now) => link.Stand(now);

    public void SendReady(long generation, long step, long stepGeneration, IReadOnlyList<byte[]> addresses) =>
        link.SendReady(generation, hasState: false, step, stepGeneration, addresses);

    public void SendGroupBroken(long generation, string reason) => link.SendGroupBroken(generation, [], reason);

    public void SendLeaving() => link.SendLeaving("it was asked to end");

    public void Report(Heartbeat heartbeat, Progress progress) => client?.Report(heartbeat, progress);

    public void CheckpointSaved(CheckpointSaved saved) => client?.CheckpointSaved(saved);

    public Task FinishAsync()
    {
        client?.Finished(new Finished());
        return client?.FlushAsync(Flush) ?? Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => client?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Nobody: a pod by itself, which begins at once.</summary>
internal sealed class SoloGang : IGang
{
    private Action<GangOrder>? handler;

    public void Listen(Action<GangOrder> orders)
    {
        handler = orders;
        orders(new GangOrder.Membership(0, 1, [new(0, "")]));
    }

    public void Stand(MemberState now)
    {
    }

    public void SendReady(long generation, long step, long stepGeneration, IReadOnlyList<byte[]> addresses) =>
        handler!(new GangOrder.Start(0, generation, addresses, 0, false));

    public void SendGroupBroken(long generation, string reason)
    {
    }

    public void SendLeaving()
    {
    }

    public void Report(Heartbeat heartbeat, Progress progress)
    {
    }

    public void CheckpointSaved(CheckpointSaved saved)
    {
    }

    public Task FinishAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
