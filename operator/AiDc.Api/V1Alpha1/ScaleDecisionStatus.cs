namespace AiDc.Api.V1Alpha1;

/// <summary>A change of the number of replicas.</summary>
public sealed record ScaleDecisionStatus
{
    public int From { get; init; }

    public int To { get; init; }

    /// <summary>What it was decided on.</summary>
    public string? Why { get; init; }

    public DateTimeOffset? At { get; init; }
}
