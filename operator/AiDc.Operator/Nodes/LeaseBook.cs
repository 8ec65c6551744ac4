using System.Collections.Immutable;

namespace AiDc.Operator.Nodes;

/// <summary>
/// When each node's lease was last seen to change, by one monotonic clock: times in leases are of the nodes' own clocks. A value:
/// each change gives another book.
/// </summary>
/// <remarks>
/// A node is dead when its lease has not changed for its duration while those of others have. Measured against the newest change of
/// any lease and not against the present, so that an operator that is cut off from the API server declares nobody dead; and news that
/// comes after a long silence of all forgives everybody, because it does not come in order.
/// </remarks>
public sealed record LeaseBook
{
    /// <summary>A kubelet's default.</summary>
    public static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(40);

    /// <summary>Kubelets renew every ten seconds: when nothing came for longer from anybody, the fault is ours.</summary>
    public static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(20);

    private ImmutableDictionary<string, Entry> Entries { get; init; } = ImmutableDictionary<string, Entry>.Empty;

    private TimeSpan Newest { get; init; }

    private TimeSpan ForgivenAt { get; init; }

    /// <summary>Enters what a watch has brought.</summary>
    /// <param name="renewTime">As written; only compared with the one before.</param>
    /// <param name="now">Monotonic.</param>
    public LeaseBook Saw(string node, string? renewTime, int? durationSeconds, TimeSpan now)
    {
        var duration = durationSeconds is > 0 ? TimeSpan.FromSeconds(durationSeconds.Value) : DefaultDuration;
        if (Entries.TryGetValue(node, out var known) && known.RenewTime == renewTime && known.Duration == duration) return this;
        return this with
        {
            Entries = Entries.SetItem(node, new(renewTime, duration, now)),
            Newest = now,
            ForgivenAt = Entries.Count > 0 && now - Newest > LongestGap ? now : ForgivenAt,
        };
    }

    public LeaseBook Gone(string node) => this with { Entries = Entries.Remove(node) };

    /// <summary>For how long the lease of a dead node has been silent; null for a node that lives or that has none.</summary>
    public TimeSpan? DeadFor(string node)
    {
        if (!Entries.TryGetValue(node, out var entry)) return null;
        var silent = Newest - (entry.At > ForgivenAt ? entry.At : ForgivenAt);
        return silent >= entry.Duration ? silent : null;
    }

    /// <summary>A kubelet renews its lease four times in its duration: of this one a renewal is overdue. Not dead yet, but nothing speaks for it either.</summary>
    public bool IsLate(string node) =>
        Entries.TryGetValue(node, out var entry) && Newest - (entry.At > ForgivenAt ? entry.At : ForgivenAt) >= entry.Duration * 0.4;

    public IEnumerable<string> Dead() => Entries.Keys.Where(n => DeadFor(n) is not null);

    private sealed record Entry(string? RenewTime, TimeSpan Duration, TimeSpan At);
}
