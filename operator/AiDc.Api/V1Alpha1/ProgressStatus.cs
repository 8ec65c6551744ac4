using System.Globalization;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>How far the training is. Written at most every 5 s. Figures that are not finite are left out.</summary>
public sealed record ProgressStatus
{
    /// <summary>The share done and the epoch, for people: 45% (5/10).</summary>
    public string? Summary { get; init; }

    /// <summary>The epoch being trained, from 1.</summary>
    public int? Epoch { get; init; }

    /// <summary>All epochs.</summary>
    public int? Epochs { get; init; }

    /// <summary>Steps done.</summary>
    public long? Step { get; init; }

    /// <summary>All steps.</summary>
    public long? TotalSteps { get; init; }

    /// <summary>The training loss.</summary>
    public double? Loss { get; init; }

    /// <summary>Other figures by name, such as validationAccuracy.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>Samples per second over all workers.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>The time until the end at the present speed.</summary>
    [Format(StringFormat.Duration)]
    public string? Eta { get; init; }

    /// <summary>When this was reported.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The text for <see cref="Summary"/>: as much as is known, null when nothing is.</summary>
    public static string? Summarize(int? epoch, int? epochs, long? step, long? totalSteps)
    {
        var epochText = (epoch, epochs) switch
        {
            ({ } e, { } all) => string.Create(CultureInfo.InvariantCulture, $"{e}/{all}"),
            ({ } e, null) => string.Create(CultureInfo.InvariantCulture, $"epoch {e}"),
            _ => null,
        };
        var share = step is { } done && totalSteps is > 0 and { } total
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp(done * 100 / total, 0, 100)}%")
            : step is { } s ? string.Create(CultureInfo.InvariantCulture, $"step {s}") : null;
        return (share, epochText) switch
        {
            (null, _) => epochText,
            (_, null) => share,
            _ => $"{share} ({epochText})",
        };
    }
}
