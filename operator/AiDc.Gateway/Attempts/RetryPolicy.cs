namespace AiDc.Gateway.Attempts;

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

/// <summary>What the decision about another attempt looks at.</summary>
/// <param name="Idempotent">Processing the request twice does no harm.</param>
/// <param name="BodyIsKept">All that was read of the request's body is still there to be sent again.</param>
/// <param name="RetriesPaid">Retries of this request so far that the budget paid for.</param>
/// <param name="BudgetAllows">The service's budget has one left.</param>
internal readonly record struct RetryFacts(AttemptEnd End, bool Idempotent, bool BodyIsKept, int RetriesPaid, bool BudgetAllows);

/// <summary>What follows an attempt.</summary>
internal enum RetryVerdict
{
    /// <summary>Nothing: the client has its answer, or is gone.</summary>
    Done,

    /// <summary>To another replica; nothing was processed, so it costs nothing.</summary>
    Again,

    /// <summary>To another replica, out of the budget.</summary>
    AgainPaid,

    /// <summary>The client is told that it failed.</summary>
    GiveUp,
}
