using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>
/// The ranks of one generation, connected. Every rank calls the same collectives in the same order, from one thread at a time.
/// A group that failed once stays failed: its peers no longer agree on what comes next.
/// </summary>
/// <remarks>Dispose may block on the library while a collective ends: dispose on a background thread.</remarks>
public interface ICollectiveGroup : IDisposable
{
    int Rank { get; }

    int Size { get; }

    /// <summary>Every rank's values become the sum over all ranks, the same bits on each of them.</summary>
    /// <param name="tensor">Contiguous, on the group's device; float32, float64, bfloat16 (summed in float32, rounded to nearest even) or int64.</param>
    /// <exception cref="CollectiveException">A peer's connection was closed, or the collective timed out.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    void AllReduceSum(Tensor tensor);

    /// <summary>Every rank's bytes become those of <paramref name="root"/>.</summary>
    /// <param name="tensor">Contiguous, on the group's device, any type; the same size on every rank.</param>
    /// <exception cref="CollectiveException">A peer's connection was closed, or the collective timed out.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    void Broadcast(Tensor tensor, int root);

    /// <summary>The inputs of all ranks, one after the other in rank order.</summary>
    /// <param name="output">Contiguous; <see cref="Size"/> times the bytes of <paramref name="input"/>.</param>
    /// <param name="input">Contiguous, any type; the same size on every rank.</param>
    /// <exception cref="CollectiveException">A peer's connection was closed, or the collective timed out.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    void AllGather(Tensor output, Tensor input);

    /// <summary>Returns once every rank has called it.</summary>
    /// <exception cref="CollectiveException">A peer's connection was closed, or the collective timed out.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    void Barrier();

    /// <summary>
    /// From any thread, any number of times: the collective in progress and every later one throws <see cref="GroupAbortedException"/>,
    /// whatever the peers do.
    /// </summary>
    void Abort();
}
