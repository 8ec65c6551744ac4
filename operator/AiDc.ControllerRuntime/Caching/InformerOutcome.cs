namespace AiDc.ControllerRuntime.Caching;

/// <param name="Lived">How long the watch ran.</param>
/// <param name="Events">How many events and bookmarks it brought.</param>
public readonly record struct InformerOutcome(InformerOutcomeKind Kind, TimeSpan Lived = default, int Events = 0, TimeSpan? RetryAfter = null);
