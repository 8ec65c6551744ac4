namespace AiDc.Api.V1Alpha1;

/// <summary>A revision's share of the requests.</summary>
public sealed record TrafficStatus
{
    public string? Revision { get; init; }

    public int Percent { get; init; }
}
