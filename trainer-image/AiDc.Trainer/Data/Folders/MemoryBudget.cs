namespace AiDc.Trainer.Data.Folders;

/// <summary>Bytes that several threads share: whoever wants more than are free waits. What is larger than all of it goes alone.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private readonly object gate = new();
    private readonly long all = Math.Max(1, bytes);
    private long taken;

    /// <returns>Gives them back when it is disposed.</returns>
    public Held Take(long wanted)
    {
        var share = Math.Clamp(wanted, 0, all);
        lock (gate)
        {
            while (taken + share > all) Monitor.Wait(gate);
            taken += share;
        }
        return new(this, share);
    }

    private void Give(long share)
    {
        lock (gate)
        {
            taken -= share;
            Monitor.PulseAll(gate);
        }
    }

    internal readonly struct Held(MemoryBudget budget, long share) : IDisposable
    {
        public void Dispose() => budget.Give(share);
    }
}
