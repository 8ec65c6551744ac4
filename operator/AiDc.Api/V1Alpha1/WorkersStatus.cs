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

    /// <summary>How many pods there are, whether they run or not, without those that are being deleted.</summary>
    public int Pods { get; init; }

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

    /// <summary>The workers that have succeeded, such as 0-2,5. They stay so, whatever becomes of their pods. Not of a distributed gang, which succeeds as a whole.</summary>
    public string? CompletedIndexes { get; init; }

    /// <summary>The first 32 workers that do not run, then those that do, by index.</summary>
    [MaxLength(MaxMembers)]
    public IReadOnlyList<WorkerMember> Members { get; init; } = [];

    /// <summary>The text for <see cref="Summary"/>.</summary>
    public static string Summarize(int ready, int desired) => string.Create(CultureInfo.InvariantCulture, $"{ready}/{desired}");
}

/// <summary>One worker.</summary>
public sealed record WorkerMember
{
    /// <summary>Its index, from 0.</summary>
    public int Index { get; init; }

    /// <summary>The name of its pod.</summary>
    public string? Pod { get; init; }

    /// <summary>The node that the pod is on, once it is.</summary>
    public string? Node { get; init; }

    /// <summary>The phase of the pod.</summary>
    public string? Phase { get; init; }
}

/// <summary>A node that new workers of the job are kept off for a while.</summary>
public sealed record AvoidedNode
{
    /// <summary>The most nodes that are listed.</summary>
    public const int Max = 16;

    /// <summary>The node.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>What happened there last, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>How many workers were lost there in a row; the time doubles with each.</summary>
    public int Losses { get; init; }

    /// <summary>Until when it is avoided. What was lost there is remembered for some time longer.</summary>
    public DateTimeOffset? Until { get; init; }
}
