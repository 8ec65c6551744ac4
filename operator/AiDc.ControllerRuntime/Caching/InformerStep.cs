namespace AiDc.ControllerRuntime.Caching;

/// <summary>What an informer does next.</summary>
public enum InformerStep
{
    /// <summary>List whatever the server's cache has (resourceVersion 0): cheap, and good enough to begin with.</summary>
    ListCached,

    /// <summary>List something not older than what the store shows.</summary>
    ListNotOlder,

    /// <summary>List the present state from etcd, in pages.</summary>
    ListConsistent,

    /// <summary>Watch from the version that the store shows.</summary>
    Watch,

    Stop,
}
