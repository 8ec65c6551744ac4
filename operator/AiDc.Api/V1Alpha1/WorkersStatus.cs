using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace AiDc.Api.V1Alpha1;

/// <summary>The pods of the present attempt.</summary>
public sealed record WorkersStatus
{
    /// <summary>The most members that are listed.</summary>
    public const int MaxMembers = 32;

    /// <summary>How many workers run.</summary>
    public int Ready { get; init; }

    /// <summary>How many workers there have to be.</summary>
    public int Desired { get; init; }

    /// <summary>Both for people: 3/4.</summary>
    public string? Summary { get; init; }

    /// <summary>The attempt that the pods belong to.</summary>
    public int Attempt { get; init; }

    /// <summary>The generation of a distributed gang, as in status.membership.</summary>
    public long? Generation { get; init; }

    /// <summary>The labels of the job's pods, for what scales it by their use.</summary>
    public string? Selector { get; init; }

    /// <summary>The first 32 workers that do not run, then those that do, by index.</summary>
    [MaxLength(MaxMembers)]
    public IReadOnlyList<WorkerMember> Members { get; init; } = [];

    /// <summary>The text for <see cref="Summary"/>.</summary>
    public static string Summarize(int ready, int desired) => string.Create(CultureInfo.InvariantCulture, $"{ready}/{desired}");
}
