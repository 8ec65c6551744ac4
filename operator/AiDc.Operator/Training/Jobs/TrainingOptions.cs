using AiDc.Api.Validation;

namespace AiDc.Operator.Training.Jobs;

/// <summary>What the training decisions may depend on apart from the job: how the operator is configured.</summary>
public sealed record TrainingOptions
{
    /// <summary>What specs are validated against.</summary>
    public ValidationContext Validation { get; init; } = new();

    /// <summary>The image of the built-in trainer where a job names none.</summary>
    public string TrainerImage { get; init; } = "aidc-trainer:latest";

    public string TrainerImagePullPolicy { get; init; } = "IfNotPresent";

    /// <summary>The wait before the first restart in a row; it doubles with each.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>No wait before a restart is longer.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A gang that has run for so long counts as healthy: its next failure is the first in a row again.</summary>
    public TimeSpan HealthyRun { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The wait between two writes of status in which only counts, members or words differ.</summary>
    public TimeSpan CountsEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait between two writes of status in which only the progress differs.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromSeconds(5);
}
