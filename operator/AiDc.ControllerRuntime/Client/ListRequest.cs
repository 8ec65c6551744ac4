namespace AiDc.ControllerRuntime.Client;

/// <summary>Which objects to list.</summary>
/// <param name="PageSize">Objects an answer; the whole list is fetched in as many as it takes.</param>
public sealed record ListRequest(string? LabelSelector = null, string? FieldSelector = null, int PageSize = 500);
