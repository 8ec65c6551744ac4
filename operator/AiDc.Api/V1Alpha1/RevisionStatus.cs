using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>Replicas that are all alike.</summary>
public sealed record RevisionStatus
{
    /// <summary>The name of its Deployment, and the value of the label aidc.dev/revision of its pods.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>What it serves.</summary>
    public ServedModelStatus? Model { get; init; }

    /// <summary>The share of the requests that it gets, in percent; gateways route by it.</summary>
    public int Weight { get; init; }

    /// <summary>Replicas that answer.</summary>
    public int Ready { get; init; }

    /// <summary>Replicas that it is to have.</summary>
    public int Desired { get; init; }
}
