using AiDc.Api.V1Alpha1;
using AiDc.Operator.Membership;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Distributed;

/// <summary>What becomes of a distributed gang now.</summary>
/// <param name="Membership">Who trains together.</param>
/// <param name="Replacements">Workers that get a new pod.</param>
/// <param name="LookAgain">When to decide again although nothing was heard.</param>
public sealed record GangDecision(MembershipDecision Membership, IReadOnlyList<Replacement> Replacements, TimeSpan? LookAgain = null)
{
    public static GangDecision None { get; } = new(MembershipDecision.Nothing, []);

    /// <summary>Whether there is a membership to record and to tell.</summary>
    public bool ChangesMembership => Membership.Change is MembershipChange.Form or MembershipChange.Hold;
}

/// <summary>A worker that gets a new pod.</summary>
/// <param name="Incarnation">Of the new pod.</param>
/// <param name="Reason">One of <see cref="Api.Reasons"/>, or what a kubelet said.</param>
/// <param name="Message">What happened, for people; empty where nothing did.</param>
/// <param name="Failure">What went wrong; null for a planned move.</param>
public sealed record Replacement(int Index, int Incarnation, string Reason, string Message, FailureStatus? Failure = null)
{
    /// <summary>How the worker ended, where its pod says it.</summary>
    public RootCause? Cause { get; init; }

    /// <summary>It counts towards spec.failure.maxRestarts.</summary>
    public bool Counts { get; init; }

    /// <summary>How many pods of the worker in a row have failed with this one.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>How long to wait before the new pod is created.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The node that the loss is held against; null for none.</summary>
    public string? BadNode { get; init; }
}
