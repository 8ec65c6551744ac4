namespace AiDc.ControllerRuntime.Caching;

internal enum WatchLineKind
{
    Unknown,
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}
