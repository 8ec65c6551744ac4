namespace AiDc.ControllerRuntime.Client;

/// <summary>A list, and the version of the world that it shows.</summary>
public sealed record ListResult<T>(IReadOnlyList<T> Items, string ResourceVersion);
