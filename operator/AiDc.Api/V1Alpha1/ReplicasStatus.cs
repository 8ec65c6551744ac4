using System.Globalization;

namespace AiDc.Api.V1Alpha1;

/// <summary>Replicas of all revisions together.</summary>
public sealed record ReplicasStatus
{
    /// <summary>How many answer with the model loaded.</summary>
    public int Ready { get; init; }

    /// <summary>How many the service is to have, without those that a rollout adds for a while.</summary>
    public int Desired { get; init; }

    /// <summary>Both for people: 3/4.</summary>
    public string? Summary { get; init; }

    /// <summary>The text for <see cref="Summary"/>.</summary>
    public static string Summarize(int ready, int desired) => string.Create(CultureInfo.InvariantCulture, $"{ready}/{desired}");
}
