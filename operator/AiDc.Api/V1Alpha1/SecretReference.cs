using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>A Secret in the job's namespace.</summary>
public sealed record SecretReference
{
    /// <summary>Its name.</summary>
    [Required, MaxLength(253)]
    public string Name { get; init; } = "";
}
