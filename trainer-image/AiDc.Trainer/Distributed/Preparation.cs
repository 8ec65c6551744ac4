using AiDc.Trainer.Distributed.Collectives;

namespace AiDc.Trainer.Distributed;

/// <summary>
/// The group that is being made: this process's listening half of it, and the addresses of the pod's other processes. Called with its
/// owner's lock held, but for what the other processes say.
/// </summary>
/// <param name="answer">Told the addresses of all processes of the pod, by local rank, once they are there and whenever they are asked for again.</param>
internal sealed class Preparation(ICollectiveBackend backend, ILocalProcesses? others, Action<long, IReadOnlyList<byte[]>> answer)
{
    private readonly Lock _gate = new();
    private IPendingGroup? _pending;
    private IPendingGroup? _connecting;
    private IReadOnlyList<byte[]>? _others;
    private long _generation;

    /// <summary>Listens, unless it does already.</summary>
    /// <exception cref="CollectiveException">There is nowhere to listen.</exception>
    public void Prepare(long generation, int firstRank, int size)
    {
        lock (_gate)
        {
            if (_generation != generation || _pending is null)
            {
                Drop();
                _pending = backend.Prepare(firstRank, size, GangSettings.CollectiveTimeout);
                (_generation, _others) = (generation, others is null ? [] : null);
                others?.Form(generation, firstRank + 1, size);
            }
        }

        AnswerIfComplete();
    }

    public void OthersReady(long generation, IReadOnlyList<byte[]> addresses)
    {
        lock (_gate)
        {
            if (generation != _generation || _pending is null) return;
            _others = addresses;
        }

        AnswerIfComplete();
    }

    /// <summary>The training thread takes the group to connect it.</summary>
    public IPendingGroup Connecting()
    {
        lock (_gate)
        {
            (_connecting, _pending) = (_pending ?? throw new InvalidOperationException("no group was prepared"), null);
            return _connecting;
        }
    }

    public void Connected()
    {
        lock (_gate) _connecting = null;
    }

    /// <summary>Gives it up, also while it connects.</summary>
    public void Drop()
    {
        lock (_gate)
        {
            _connecting?.Abort();
            if (_pending is not null)
            {
                _pending.Abort();
                Background.Dispose(_pending);
            }

            (_pending, _others, _generation) = (null, null, 0);
        }
    }

    private void AnswerIfComplete()
    {
        long generation;
        IReadOnlyList<byte[]> addresses;
        lock (_gate)
        {
            if (_pending is null || _others is null) return;
            (generation, addresses) = (_generation, [_pending.Address, .. _others]);
        }

        answer(generation, addresses);
    }
}
