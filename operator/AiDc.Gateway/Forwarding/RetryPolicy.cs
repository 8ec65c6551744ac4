namespace AiDc.Gateway.Forwarding;

/// <summary>
/// Whether a request is sent to another replica. What no replica has processed always is. What one may have processed only where that does no
/// harm, nothing of an answer was passed on, and the budget allows; and not often, for the request itself may be what breaks replicas.
/// </summary>
internal static class RetryPolicy
{
    /// <summary>Of one request.</summary>
    public const int MostPaid = 2;

    public static RetryVerdict Decide(RetryFacts facts) => facts.End switch
    {
        AttemptEnd.Answered or AttemptEnd.BrokenAnswer or AttemptEnd.ClientLeft or AttemptEnd.ClientFault => RetryVerdict.Done,
        AttemptEnd.Draining or AttemptEnd.Full or AttemptEnd.NotConnected => facts.BodyIsKept ? RetryVerdict.Again : RetryVerdict.GiveUp,
        AttemptEnd.Broken or AttemptEnd.Abandoned when facts is { Idempotent: true, BodyIsKept: true, RetriesPaid: < MostPaid, BudgetAllows: true }
            => RetryVerdict.AgainPaid,
        _ => RetryVerdict.GiveUp,
    };
}
