using AiDc.Trainer.Serving.Errors;

namespace AiDc.Trainer.Serving.Admission;

/// <summary>What all requests together may hold of bodies: many large ones at once must not end the process.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _used;

    /// <exception cref="ServingException">There is not so much left.</exception>
    public void Reserve(long count)
    {
        if (Interlocked.Add(ref _used, count) <= bytes) return;
        Interlocked.Add(ref _used, -count);
        throw new ServingException(ServingError.Busy, $"the server is busy: the bodies of the requests under way fill {bytes >> 20} MiB, which is the limit");
    }

    public void Release(long count) => Interlocked.Add(ref _used, -count);
}
