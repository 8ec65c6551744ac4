namespace AiDc.ControllerRuntime.Caching;

/// <summary>What an informer is to do, after which delay, and how many failures brought it there.</summary>
public readonly record struct InformerDecision(InformerStep Step, TimeSpan Delay, int Failures)
{
    public static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(0.8);
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);

    /// <summary>A watch of this age proves that all is well again.</summary>
    public static readonly TimeSpan Healthy = TimeSpan.FromMinutes(2);

    /// <summary>A watch that ends sooner, without events, is refused in all but name.</summary>
    public static readonly TimeSpan Stillborn = TimeSpan.FromSeconds(1);

    public static InformerDecision Start => new(InformerStep.ListCached, TimeSpan.Zero, 0);

    /// <summary>The outcome table.</summary>
    /// <param name="random">From 0 up to 1: full jitter, so that a restarted server is not met by all at once.</param>
    public InformerDecision Next(InformerOutcome outcome, double random)
    {
        var failures = outcome.Lived >= Healthy ? 0 : Failures;
        var stillborn = outcome.Lived < Stillborn && outcome.Events == 0;
        return outcome.Kind switch
        {
            InformerOutcomeKind.Cancelled => new(InformerStep.Stop, TimeSpan.Zero, 0),
            InformerOutcomeKind.Listed => new(InformerStep.Watch, TimeSpan.Zero, failures),
            InformerOutcomeKind.Ended when stillborn => BackOff(Step, failures, random),
            InformerOutcomeKind.Ended => new(Step, TimeSpan.Zero, failures),
            InformerOutcomeKind.VersionRefused when Step == InformerStep.ListConsistent => BackOff(Step, failures, random),
            InformerOutcomeKind.VersionRefused when Step != InformerStep.Watch => new(InformerStep.ListConsistent, TimeSpan.Zero, failures),
            InformerOutcomeKind.VersionRefused when !stillborn || failures == 0 => new(InformerStep.ListNotOlder, TimeSpan.Zero, failures + 1),
            // Refused again right after a list: the cache that served it is itself too old to watch from.
            InformerOutcomeKind.VersionRefused => BackOff(InformerStep.ListConsistent, failures, random),
            InformerOutcomeKind.Undecodable => BackOff(InformerStep.ListNotOlder, failures, random),
            InformerOutcomeKind.Throttled when outcome.RetryAfter is { } asked => new(Step, asked * (1 + (random * 0.1)), failures + 1),
            _ => BackOff(Step, failures, random),
        };
    }

    private static InformerDecision BackOff(InformerStep step, int failures, double random)
    {
        var ceiling = FirstBackoff * Math.Pow(2, Math.Min(failures, 10));
        return new(step, (ceiling < LongestBackoff ? ceiling : LongestBackoff) * random, failures + 1);
    }
}

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

/// <param name="Lived">How long the watch ran.</param>
/// <param name="Events">How many events and bookmarks it brought.</param>
public readonly record struct InformerOutcome(InformerOutcomeKind Kind, TimeSpan Lived = default, int Events = 0, TimeSpan? RetryAfter = null);

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
