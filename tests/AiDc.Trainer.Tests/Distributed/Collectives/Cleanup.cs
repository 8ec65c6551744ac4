namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>Disposes of all, in reverse order.</summary>
internal sealed class Cleanup(IReadOnlyList<IDisposable> items) : IDisposable
{
    public void Dispose()
    {
        foreach (var item in items.Reverse())
            item.Dispose();
    }
}
