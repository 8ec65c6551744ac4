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
