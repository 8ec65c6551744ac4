namespace AiDc.ControllerRuntime.Caching;

public enum StoreEventKind
{
    Added,
    Modified,
    Deleted,
}
