namespace AiDc.Api.V1Alpha1;

/// <summary>What a gateway may do with a request that failed after it was sent.</summary>
public sealed record RetrySpec
{
    /// <summary>
    /// Whether a request may be sent again after a replica has received it and has not answered. True unless set for the built-in server, whose answers
    /// change nothing; false unless set for a server of one's own. What a replica has not processed is always sent to another.
    /// </summary>
    public bool? Idempotent { get; init; }
}
