namespace AiDc.Operator.Coordination;

/// <summary>What a worker pod is told of the coordinator when it is made.</summary>
/// <param name="Address">https://host:port, of the Service if there is one.</param>
/// <param name="CaBundle">PEM certificates that the coordinator's certificate is checked against.</param>
public sealed record CoordinatorEndpoint(string Address, string CaBundle);
