namespace AiDc.Api.V1Alpha1;

/// <summary>What a job that succeeded has left.</summary>
public sealed record ResultStatus
{
    /// <summary>Where the model is.</summary>
    public string? Uri { get; init; }

    /// <summary>Figures of the finished model by name, such as testAccuracy.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }
}
