namespace AiDc.Api.V1Alpha1;

/// <summary>A change of the number of replicas.</summary>
public sealed record ScaleDecisionStatus
{
    /// <summary>Replicas before.</summary>
    public int From { get; init; }

    /// <summary>Replicas after.</summary>
    public int To { get; init; }

    /// <summary>What it was decided on.</summary>
    public string? Why { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? At { get; init; }
}
