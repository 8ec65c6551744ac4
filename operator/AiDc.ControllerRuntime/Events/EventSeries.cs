namespace AiDc.ControllerRuntime.Events;

/// <summary>An event that was written, and how often it has happened since.</summary>
internal sealed class EventSeries(NamespacedName name)
{
    public NamespacedName Name { get; } = name;

    public int Count { get; set; } = 1;

    public int WrittenCount { get; set; } = 1;

    public DateTimeOffset WrittenAt { get; set; }

    public DateTimeOffset LastAt { get; set; }
}
