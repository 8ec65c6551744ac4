namespace AiDc.ControllerRuntime.Caching;

/// <summary>How a list or a watch came to its end.</summary>
public enum InformerOutcomeKind
{
    /// <summary>A complete list.</summary>
    Listed,

    /// <summary>A watch ended as they do: by the server, by our own deadline, or by an end of stream.</summary>
    Ended,

    /// <summary>410 or ERROR Expired, or a version that the server does not know yet: it will not go on from there.</summary>
    VersionRefused,

    /// <summary>A line of the watch could not be read: an event is lost.</summary>
    Undecodable,

    /// <summary>429.</summary>
    Throttled,

    /// <summary>401, 403 or 404: rights or the resource are missing, and may come.</summary>
    Denied,

    /// <summary>Everything else: broken connections, 500, 503.</summary>
    Failed,

    /// <summary>The caller's token.</summary>
    Cancelled,
}
