namespace AiDc.Operator.Training.Builders;

/// <summary>How a worker reaches the operator.</summary>
/// <param name="Address">https://host:port of the coordinator.</param>
/// <param name="CaBundle">PEM certificates that the coordinator's certificate is checked against.</param>
public sealed record WorkerLink(string Address, string CaBundle);
