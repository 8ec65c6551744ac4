namespace AiDc.ControllerRuntime.Caching;

/// <summary>How far a store has come, whatever it holds.</summary>
public interface IStoreState
{
    int Count { get; }

    /// <summary>True from the first complete list on.</summary>
    bool HasSynced { get; }

    /// <summary>The version of the world that the store shows; null before the first list.</summary>
    string? ResourceVersion { get; }
}
