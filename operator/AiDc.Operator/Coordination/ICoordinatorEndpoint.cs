namespace AiDc.Operator.Coordination;

/// <summary>Where workers find the coordinator, and how they know that it is it.</summary>
public interface ICoordinatorEndpoint
{
    /// <summary>
    /// At once as a rule; during the first seconds of the operator's life it waits for the first try to read or make the certificate
    /// authority. Null where that came to nothing: see <see cref="Problem"/>.
    /// </summary>
    ValueTask<CoordinatorEndpoint?> GetAsync(CancellationToken ct);

    /// <summary>Why there is no endpoint, for people; null where there is one.</summary>
    string? Problem { get; }
}

/// <summary>What a worker pod is told of the coordinator when it is made.</summary>
/// <param name="Address">https://host:port, of the Service if there is one.</param>
/// <param name="CaBundle">PEM certificates that the coordinator's certificate is checked against.</param>
public sealed record CoordinatorEndpoint(string Address, string CaBundle);
