namespace AiDc.Api.V1Alpha1;

/// <summary>A revision's share of the requests.</summary>
public sealed record TrafficStatus
{
    /// <summary>Which.</summary>
    public string? Revision { get; init; }

    /// <summary>How many of a hundred requests.</summary>
    public int Percent { get; init; }
}
