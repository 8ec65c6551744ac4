using AiDc.Trainer.Serving.Errors;

namespace AiDc.Trainer.Serving.Admission;

/// <summary>Lets so many requests in at once, makes so many more wait in the order that they came, and refuses the others.</summary>
internal sealed class AdmissionGate(int concurrency, int queue)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inside;
    private bool _closed;

    /// <summary>Requests that wait to be let in.</summary>
    public int Waiting => _waiting.Count;

    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Before a request's body is read: what has no chance to be let in need not send it.</summary>
    /// <exception cref="ServingException">Too many wait already, or no more are let in.</exception>
    public void CheckRoom()
    {
        lock (_lock) ThrowIfFull();
    }

    /// <summary>Returns once the request is in; who was let in has to <see cref="Leave"/>.</summary>
    /// <exception cref="ServingException">Too many wait already, or no more are let in.</exception>
    /// <exception cref="OperationCanceledException">It was not let in before that.</exception>
    public Task EnterAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            ThrowIfFull();
            if (_inside < concurrency)
            {
                _inside++;
                return Task.CompletedTask;
            }

            waiter = new();
            waiter.Node = _waiting.AddLast(waiter);
        }

        // Outside of the lock: a token that is cancelled already calls back at once.
        waiter.Registration = cancellation.UnsafeRegister((state, token) => Abandon((Waiter)state!, token), waiter);
        return waiter.Entered.Task;
    }

    public void Leave()
    {
        Waiter? next = null;
        lock (_lock)
        {
            if (_waiting.First is { } first)
            {
                _waiting.Remove(first);
                (next, first.Value.Node) = (first.Value, null);
            }
            else if (--_inside == 0 && _closed) _idle.TrySetResult();
        }

        if (next is null) return;
        next.Registration.Unregister();
        next.Entered.SetResult();
    }

    /// <summary>Lets nobody in who has not come yet.</summary>
    /// <returns>Done once all have left.</returns>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            if (_inside == 0) _idle.TrySetResult();
        }

        return _idle.Task;
    }

    private void ThrowIfFull()
    {
        if (_closed) throw new ServingException(ServingError.Unavailable, "the server is about to end and takes no more requests");
        if (_inside >= concurrency && _waiting.Count >= queue)
            throw new ServingException(ServingError.Busy, $"the server is busy: {_inside} requests are under way and {_waiting.Count} wait, which is the limit");
    }

    private void Abandon(Waiter waiter, CancellationToken token)
    {
        lock (_lock)
        {
            // Let in at the same moment: then it leaves as any other does.
            if (waiter.Node is null) return;
            _waiting.Remove(waiter.Node);
            waiter.Node = null;
        }

        waiter.Entered.SetCanceled(token);
    }

    private sealed class Waiter
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Waiter>? Node { get; set; }

        public CancellationTokenRegistration Registration { get; set; }
    }
}
