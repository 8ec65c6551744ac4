namespace AiDc.ControllerRuntime.Caching;

/// <summary>What the host needs of an informer, whatever it holds.</summary>
public interface IInformer : IStoreState
{
    /// <summary>Plural name of the resource.</summary>
    string Resource { get; }

    /// <summary>Type of the objects.</summary>
    Type ObjectType { get; }

    /// <summary>When the server was last heard of; null: never.</summary>
    DateTimeOffset? LastContact { get; }

    /// <summary>Why the last list or watch failed; null while all is well.</summary>
    string? LastError { get; }

    /// <summary>Completes with the first complete list.</summary>
    Task WaitForSyncAsync(CancellationToken ct);

    /// <summary>Lists and watches until cancelled. Call once.</summary>
    Task RunAsync(CancellationToken ct);
}
