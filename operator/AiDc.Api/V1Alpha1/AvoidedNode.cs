using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>A node that new workers of the job are kept off for a while.</summary>
public sealed record AvoidedNode
{
    /// <summary>The most nodes that are listed.</summary>
    public const int Max = 16;

    /// <summary>The node.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>What happened there last, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>How many workers were lost there in a row; the time doubles with each.</summary>
    public int Losses { get; init; }

    /// <summary>Until when it is avoided. What was lost there is remembered for some time longer.</summary>
    public DateTimeOffset? Until { get; init; }
}
