using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>Who may call the service.</summary>
public sealed record ApiKeysSpec
{
    /// <summary>A Secret of this namespace whose keys are names of clients and whose values are their API keys.</summary>
    [Required]
    public SecretReference SecretRef { get; init; } = new();
}
