namespace AiDc.Trainer.Serving.Models.Sources;

/// <summary>A file that a server has.</summary>
/// <param name="Name">Relative to the place that it was asked of; what a copy is called.</param>
/// <param name="Place">Where it is, for a person: without credentials.</param>
/// <param name="Bytes">Null when the server does not say.</param>
/// <param name="Version">Differs when the content does; null when the server does not say.</param>
internal sealed record RemoteFile(string Name, string Place, long? Bytes, string? Version);
