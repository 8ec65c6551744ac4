using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>What happens when a worker fails or does not start.</summary>
public sealed record FailureSpec
{
    /// <summary>How many failures restart the gang before the job fails. Restarts by a rule with the action Restart do not count.</summary>
    [Range(0, 10_000)]
    public int MaxRestarts { get; init; } = 10;

    /// <summary>How long all workers may take to run; then their pods are deleted, so that they hold nothing, and tried again later.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string StartTimeout { get; init; } = "10m";

    /// <summary>
    /// What an exit code means; the first rule that has the code decides. Without a rule a failure restarts the gang and counts,
    /// but exit code 2 of the built-in trainer (wrong configuration or data) fails the job.
    /// </summary>
    [MaxLength(32)]
    public IReadOnlyList<FailureRule> Rules { get; init; } = [];
}
