using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

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
