namespace AiDc.Operator.Coordination;

/// <summary>Where workers find the coordinator, and how they know that it is it.</summary>
public interface ICoordinatorEndpoint
{
    /// <summary>At once as a rule; during the first seconds of the operator's life it waits until the certificate authority is read or made.</summary>
    ValueTask<CoordinatorEndpoint> GetAsync(CancellationToken ct);
}

/// <summary>What a worker pod is told of the coordinator when it is made.</summary>
/// <param name="Address">https://host:port, of the Service if there is one.</param>
/// <param name="CaBundle">PEM certificates that the coordinator's certificate is checked against.</param>
public sealed record CoordinatorEndpoint(string Address, string CaBundle);
