namespace AiDc.Trainer.Distributed;

/// <summary>Disposes what may block, on a thread of its own.</summary>
internal static class Background
{
    public static void Dispose(IDisposable disposable) => new Thread(() =>
    {
        try
        {
            disposable.Dispose();
        }
#pragma warning disable CA1031 // Nobody is left to hear of it, and on this thread it would end the process.
        catch (Exception)
        {
        }
#pragma warning restore CA1031
    }) { IsBackground = true, Name = "group disposal" }.Start();
}
