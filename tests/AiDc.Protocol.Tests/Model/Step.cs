namespace AiDc.Protocol.Tests.Model;

/// <summary>Something that can happen next.</summary>
/// <param name="IsFault">Something goes wrong: a budget bounds how often.</param>
/// <param name="Stream">Whose stream has to work for it; null: nobody's.</param>
internal readonly record struct Step(string Name, Func<World> Apply, bool IsFault = false, string? Stream = null);
