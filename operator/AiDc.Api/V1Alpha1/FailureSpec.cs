using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>What happens when a worker fails or does not start.</summary>
public sealed record FailureSpec
{
    /// <summary>How many failures restart the gang, or replace a worker of a distributed one, before the job fails. Restarts by a rule with the action Restart do not count.</summary>
    [Range(0, 10_000)]
    public int MaxRestarts { get; init; } = 10;

    /// <summary>How long all workers may take to run; then their pods are deleted, so that they hold nothing, and tried again later.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string StartTimeout { get; init; } = "10m";

    /// <summary>
    /// How long a worker of a distributed gang may be silent, while nobody's training goes on, until the others go on without it. A
    /// process that ends is seen at once.
    /// </summary>
    [Format(StringFormat.PositiveDuration)]
    public string LostWorkerAfter { get; init; } = "3s";

    /// <summary>How long no step may be reported by workers that train; then what is known goes into lastFailure and the gang restarts.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string StalledAfter { get; init; } = "5m";

    /// <summary>
    /// The same for where no steps are made: how long the built-in trainer may prepare its first step, load, validate or test without anything
    /// new being heard of it.
    /// </summary>
    [Format(StringFormat.PositiveDuration)]
    public string StalledPhaseAfter { get; init; } = "1h";
    /// <summary>
    /// How long workers of a distributed gang that are too few keep their state in memory and wait for replacements. Then they write a
    /// checkpoint and their pods are deleted, so that they hold no GPUs, and a new attempt starts when there is room.
    /// </summary>
    [Format(StringFormat.PositiveDuration)]
    public string HoldAfterLoss { get; init; } = "10m";

    /// <summary>
    /// What an exit code means; the first rule that has the code decides. Without a rule a failure restarts the gang and counts,
    /// but exit code 2 of the built-in trainer (wrong configuration or data) fails the job.
    /// </summary>
    [MaxLength(32)]
    public IReadOnlyList<FailureRule> Rules { get; init; } = [];
}

/// <summary>What some exit codes mean.</summary>
public sealed record FailureRule
{
    /// <summary>The exit codes of the worker container that the rule is for. Each from 1 to 255.</summary>
    [Required, MinLength(1), MaxLength(255), ItemRange(1, 255)]
    public IReadOnlyList<int> ExitCodes { get; init; } = [];

    /// <summary>Fail: the job fails at once. Restart: the gang restarts and it does not count towards maxRestarts.</summary>
    [Required, AllowedValues(FailureAction.Fail, FailureAction.Restart)]
    public string Action { get; init; } = "";
}

/// <summary>What a <see cref="FailureRule"/> does.</summary>
public static class FailureAction
{
    /// <summary>The job fails at once.</summary>
    public const string Fail = "Fail";

    /// <summary>The gang restarts, and it does not count towards maxRestarts.</summary>
    public const string Restart = "Restart";
}
