using AiDc.Trainer.Distributed.Collectives;
using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed;

/// <summary>
/// The ranks that train together as the training loop sees them: the collectives of one generation with what they cost. A run by itself
/// is a group of one rank without collectives, so that the loop is the same.
/// </summary>
/// <param name="generation">Of the membership; rises for the life of the job.</param>
/// <param name="owner">The rank whose state everybody takes unless somebody is further; it reads the newest checkpoint if nobody has state.</param>
/// <param name="collectives">Null for a group of one.</param>
/// <param name="endsWithAny">Whether all end once one is asked to: where nobody could form a group without it.</param>
internal sealed class RankGroup(long generation, int owner, ICollectiveGroup? collectives, TimeProvider time, bool endsWithAny = true)
{
    private TimeSpan _collectives;

    public long Generation { get; } = generation;

    public int Owner { get; } = owner;

    public int Rank { get; } = collectives?.Rank ?? 0;

    public int Size { get; } = collectives?.Size ?? 1;

    public bool IsFirst => Rank == 0;

    /// <summary>Time that this rank spent in collectives, waiting for the slowest included.</summary>
    public TimeSpan CollectiveTime => _collectives;

    /// <summary>Bytes of the tensors that were summed, not those on the wire.</summary>
    public long BytesReduced { get; private set; }

    /// <summary>Set from any thread once another membership is known: what is being computed is for nobody.</summary>
    public bool Superseded { get; private set; }

    /// <summary>Asked before the training thread enters collectives; null: always. False: the group is not to be used any more.</summary>
    public Func<bool>? MayEnter { get; init; }

    /// <summary>Before a piece of work with collectives: a step, a validation.</summary>
    /// <exception cref="GroupAbortedException">There is a newer membership.</exception>
    public void Enter()
    {
        ThrowIfSuperseded();
        if (MayEnter?.Invoke() == false) throw new GroupAbortedException("a newer membership was announced");
    }

    /// <summary>Whether the group ends after this step.</summary>
    /// <param name="stopping">Ranks that were asked to end.</param>
    public bool EndsWith(int stopping) => endsWithAny ? stopping > 0 : stopping == Size;

    /// <summary>Between two pieces of work.</summary>
    /// <exception cref="GroupAbortedException">There is a newer membership.</exception>
    public void ThrowIfSuperseded()
    {
        if (Superseded) throw new GroupAbortedException("a newer membership was announced");
    }

    /// <summary>From any thread: ends the collective in progress.</summary>
    public void Abort()
    {
        Superseded = true;
        collectives?.Abort();
    }

    public void Sum(Tensor tensor)
    {
        if (collectives is null || Size == 1) return;
        BytesReduced += tensor.numel() * tensor.element_size();
        Timed(() => collectives.AllReduceSum(tensor));
    }

    public void Broadcast(Tensor tensor, int root)
    {
        if (collectives is not null && Size > 1) Timed(() => collectives.Broadcast(tensor, root));
    }

    /// <param name="output">[Size x n].</param>
    /// <param name="input">[n].</param>
    public void Gather(Tensor output, Tensor input)
    {
        if (collectives is null || Size == 1) output.copy_(input);
        else Timed(() => collectives.AllGather(output, input));
    }

    public void Barrier()
    {
        if (collectives is not null && Size > 1) Timed(collectives.Barrier);
    }

    private void Timed(Action collective)
    {
        ThrowIfSuperseded();
        var started = time.GetTimestamp();
        try
        {
            collective();
        }
        finally
        {
            _collectives += time.GetElapsedTime(started);
        }
    }
}
