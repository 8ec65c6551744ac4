namespace AiDc.Trainer.Serving.Models.Sources;

/// <summary>A folder of the cache that stays until this is disposed.</summary>
internal sealed record CacheEntry(string Folder, IDisposable Held) : IDisposable
{
    public void Dispose() => Held.Dispose();
}
