using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiDc.Agent.Local;

/// <summary>
/// What a program tells its agent: one JSON object a line, at most <see cref="LocalEndpoint.LongestLine"/> bytes. Each is answered by a
/// <see cref="LocalAnswer"/>. What is left out is not known.
/// </summary>
internal sealed record LocalReport
{
    /// <summary>RANK of the program's environment.</summary>
    public int Rank { get; init; }

    /// <summary>AIDC_GENERATION of the program's environment: what an older one still says is not taken.</summary>
    public long Generation { get; init; }

    /// <summary>Steps done, those before a restart included.</summary>
    public long? Step { get; init; }

    public long? TotalSteps { get; init; }

    /// <summary>In work, from 1.</summary>
    public int? Epoch { get; init; }

    public int? Epochs { get; init; }

    public double? Loss { get; init; }

    /// <summary>At most <see cref="LocalEndpoint.MostMetrics"/>.</summary>
    public Dictionary<string, double>? Metrics { get; init; }

    public double? SamplesPerSecond { get; init; }

    public double? StepSeconds { get; init; }

    /// <summary>A checkpoint was saved.</summary>
    public LocalCheckpoint? Checkpoint { get; init; }
}

/// <param name="Path">Where it lies.</param>
internal sealed record LocalCheckpoint(long Step, string Path, long Bytes, double Seconds);

/// <param name="Stop">The program is asked to save its state and to end.</param>
/// <param name="Generation">That of the agent; a higher one than the program's means that it is being ended.</param>
/// <param name="Error">What was wrong with the report; null where nothing was.</param>
internal sealed record LocalAnswer(bool Stop, long Generation, string? Error = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LocalReport))]
[JsonSerializable(typeof(LocalAnswer))]
internal sealed partial class LocalJson : JsonSerializerContext;
