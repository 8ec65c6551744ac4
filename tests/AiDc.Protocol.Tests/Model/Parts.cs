using System.Collections.Immutable;
using AiDc.Coordination.Members;
using AiDc.Operator.Membership;

namespace AiDc.Protocol.Tests.Model;

internal enum Doing
{
    Nothing,
    Joining,
    Stepping,
}

/// <summary>A worker: the machine that runs in it, its training thread, and its stream.</summary>
internal sealed record WorkerNode(int Index, int Incarnation, MemberState Machine)
{
    public string Uid => Incarnation == 0 ? $"w{Index}" : $"w{Index}.{Incarnation}";

    public bool Alive { get; init; } = true;

    public Doing Doing { get; init; }

    public long DoingStep { get; init; }

    /// <summary>Which sums its weights are made of: equal for equal weights, and only for them.</summary>
    public string History { get; init; } = "";

    /// <summary>The leader that it believes to be connected to; -1: none.</summary>
    public int Link { get; init; } = -1;

    /// <summary>On its way to it.</summary>
    public ImmutableList<Down> Inbox { get; init; } = [];

    public MemberStanding Standing => new(Machine.Prepared, Machine.Generation, Machine.InGroup, Machine.HasState, Machine.CommittedStep, Machine.StateGeneration);
}

/// <summary>What a leader knows of a worker.</summary>
internal sealed record PeerNode
{
    public bool Connected { get; init; }

    public MemberStanding Standing { get; init; }

    public Up? Ready { get; init; }

    public Up? Broken { get; init; }

    /// <summary>On its way from the worker's last stream to this leader. The first is its hello.</summary>
    public ImmutableList<Up> Inbox { get; init; } = [];
}

/// <summary>A replica of the operator.</summary>
internal sealed record LeaderNode
{
    public bool Alive { get; init; } = true;

    /// <summary>It believes so; a deposed one may for ever.</summary>
    public bool Leads { get; init; }

    public long Transitions { get; init; }

    public RecordedMembership? Announced { get; init; }

    public string? HoldWriter { get; init; }

    /// <summary>The start that it gave, which is repeated unchanged.</summary>
    public StartOrder? Start { get; init; }

    public ImmutableSortedDictionary<string, PeerNode> Peers { get; init; } = ImmutableSortedDictionary.Create<string, PeerNode>(StringComparer.Ordinal);

    /// <summary>Decided and not written yet, and the version of the record that it was decided on.</summary>
    public (int Version, MembershipDecision Decision)? Pending { get; init; }
}

/// <summary>The collectives of one generation.</summary>
internal sealed record GroupNode(ImmutableArray<string> Members, string Owner, bool Synchronise, long OwnerStep, string OwnerHistory)
{
    /// <summary>Who has connected: a connection needs them all.</summary>
    public ImmutableSortedSet<string> Entered { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>To which step each has given its part of the sums; a step needs the part of each.</summary>
    public ImmutableSortedDictionary<string, long> Given { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    public bool IsComplete(long step) => Members.All(m => Given.GetValueOrDefault(m) >= step);
}

/// <summary>How much may still go wrong.</summary>
internal readonly record struct Budget(int Breaks, int Crashes, int Suspicions, int Elections, int Steps, int Decisions, int Replacements);
