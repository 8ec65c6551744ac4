namespace AiDc.Trainer.Serving.Models.Sources;

/// <summary>A model on this machine; what was copied for it may go once this is disposed.</summary>
/// <param name="Path">The bundle's folder, or the model's file.</param>
/// <param name="Place">Where it came from, for messages: without credentials.</param>
/// <param name="Release">Null where nothing is to be released.</param>
internal sealed record FetchedModel(string Path, string Place, Action? Release) : IDisposable
{
    public void Dispose() => Release?.Invoke();
}
