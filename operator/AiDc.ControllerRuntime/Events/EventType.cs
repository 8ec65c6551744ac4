namespace AiDc.ControllerRuntime.Events;

public enum EventType
{
    Normal,
    Warning,
}
