using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Routing;

/// <summary>A request that waits for a replica.</summary>
internal sealed class Waiter(IInFlight request)
{
    private readonly TaskCompletionSource<Replica?> turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IInFlight Request { get; } = request;

    /// <summary>The replica that it goes to; null: it waited long enough.</summary>
    public Task<Replica?> Turn => turn.Task;

    /// <summary>The revision that was drawn for it; -1: none.</summary>
    public int Drawn { get; set; } = -1;

    public bool Call(Replica? replica) => turn.TrySetResult(replica);
}
