using AiDc.Trainer.Serving.Errors;

namespace AiDc.Trainer.Serving.Admission;

/// <summary>What all requests together may hold of bodies, of what is made of them and of answers: many large ones at once must not end the process.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _used;

    /// <param name="held">What the same request holds already.</param>
    /// <param name="answered">Whether it is for the answer: then the model has computed the request.</param>
    /// <exception cref="ServingException">There is not so much left.</exception>
    public void Reserve(long count, long held = 0, bool answered = false)
    {
        if (Interlocked.Add(ref _used, count) <= bytes) return;
        Interlocked.Add(ref _used, -count);
        throw held + count > bytes
            ? new ServingException(ServingError.TooLarge, $"the request{(answered ? " and its answer take" : " alone takes")} more than the {bytes >> 20} MiB that all requests together may: send fewer samples at once{(answered ? ", or ask for binary data" : "")}")
            : new ServingException(answered ? ServingError.NoRoomToAnswer : ServingError.Busy, $"the server is busy: the requests under way fill {bytes >> 20} MiB, which is the limit");
    }

    public void Release(long count) => Interlocked.Add(ref _used, -count);
}

/// <summary>What one request holds of the budget: its body, what is made of it, and its answer.</summary>
internal sealed class MemoryReservation(MemoryBudget budget) : IDisposable
{
    private long _held;

    /// <exception cref="ServingException">There is not so much left.</exception>
    public void Take(long count)
    {
        budget.Reserve(count, _held);
        _held += count;
    }

    /// <summary>For what the model gave, and for the answer that is made of it.</summary>
    /// <inheritdoc cref="Take"/>
    public void TakeForAnswer(long count)
    {
        budget.Reserve(count, _held, answered: true);
        _held += count;
    }

    /// <inheritdoc cref="Take"/>
    public byte[] Allocate(int count)
    {
        Take(count);
        return GC.AllocateUninitializedArray<byte>(count);
    }

    public void Return(long count)
    {
        budget.Release(count);
        _held -= count;
    }

    public void Dispose() => Return(_held);
}
