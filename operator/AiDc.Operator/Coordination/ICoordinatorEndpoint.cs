namespace AiDc.Operator.Coordination;

/// <summary>Where workers find the coordinator, and how they know that it is it.</summary>
public interface ICoordinatorEndpoint
{
    /// <summary>At once as a rule; during the first seconds of the operator's life it waits until the certificate authority is read or made.</summary>
    ValueTask<CoordinatorEndpoint> GetAsync(CancellationToken ct);
}
