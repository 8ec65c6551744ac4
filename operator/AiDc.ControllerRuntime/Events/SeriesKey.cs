namespace AiDc.ControllerRuntime.Events;

/// <summary>Identity of a series: what is the same in all of its events.</summary>
internal readonly record struct SeriesKey(string Uid, string Reason, string Action, EventType Type, string Note);
