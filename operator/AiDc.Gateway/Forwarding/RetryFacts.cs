namespace AiDc.Gateway.Forwarding;

/// <summary>What the decision about another attempt looks at.</summary>
/// <param name="Idempotent">Processing the request twice does no harm.</param>
/// <param name="BodyIsKept">All that was read of the request's body is still there to be sent again.</param>
/// <param name="RetriesPaid">Retries of this request so far that the budget paid for.</param>
/// <param name="BudgetAllows">The service's budget has one left.</param>
internal readonly record struct RetryFacts(AttemptEnd End, bool Idempotent, bool BodyIsKept, int RetriesPaid, bool BudgetAllows);
