using System.Collections.Concurrent;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Coordination.V1;
using AiDc.Operator.Membership;

namespace AiDc.Operator.Coordination.Board;

/// <summary>All jobs' workers, in the leader's memory. Empty again once leadership changes: what another leader did is not known here.</summary>
internal sealed class GangBoard : IGangBoard, IDisposable
{
    /// <summary>Between two looks for silence.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>What is known of a worker whose stream ended, for as long as its pod may still be there.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, GangEntry> entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GangSearch> searches = new(StringComparer.Ordinal);
    private readonly ILeadership leadership;
    private readonly GangClock clock;
    private readonly GangMetrics metrics;
    private LeadershipState known;

    public GangBoard(ILeadership leadership, GangMetrics metrics, TimeProvider time)
    {
        this.leadership = leadership;
        this.metrics = metrics;
        clock = new(time, leadership);
        known = leadership.State;
        leadership.Changed += LeadershipChanged;
        metrics.Gauge(() => entries.Values.Sum(e => (long)e.Connected));
    }

    public event Action<JobKey>? Changed;

    public GangSessions? Get(string jobUid)
    {
        if (!clock.Leads)
            return null;
        var sessions = entries.TryGetValue(jobUid, out var entry)
            ? entry.Snapshot()
            : new GangSessions { Now = clock.Now, LeaderSince = clock.LeaderSince, ForgivenAt = clock.ForgivenAt };
        return searches.TryGetValue(jobUid, out var search)
            ? sessions with { Search = search.Until(clock.LeaderSince, clock.PredecessorSilentSince) }
            : sessions;
    }

    public void Announce(JobKey job, MembershipDecision decision)
    {
        if (clock.Leads)
            Entry(job).Announce(decision);
    }

    public void Forget(string jobUid)
    {
        entries.TryRemove(jobUid, out _);
        searches.TryRemove(jobUid, out _);
    }

    public IEnumerable<JobKey> Jobs => entries.Values.Select(e => e.Job).Concat(searches.Values.Select(s => s.Job));

    /// <summary>A worker asked for the leader, which this replica is not.</summary>
    public void Asked(WorkerIdentity worker)
    {
        if (!clock.Leads)
            searches.GetOrAdd(worker.Job.Uid, _ => new GangSearch(worker.Job)).Ask(worker.PodUid, clock.Now);
    }

    /// <summary>A worker has said hello and is welcome.</summary>
    public GangLink Join(WorkerIdentity worker, MemberState hello, Action<CoordinatorMessage> send) => Entry(worker.Job).Join(worker, hello, send);

    /// <summary>Called each <see cref="Interval"/>.</summary>
    public void Tick()
    {
        clock.Tick(Interval);
        foreach (var entry in entries.Values)
            entry.Tick(Keep);
        foreach (var (uid, search) in searches)
        {
            if (search.IsOlderThan(Keep, clock.Now))
                searches.TryRemove(uid, out _);
        }
    }

    public void Dispose() => leadership.Changed -= LeadershipChanged;

    private GangEntry Entry(JobKey job) => entries.GetOrAdd(job.Uid, _ => new GangEntry(job, clock, metrics, j => Changed?.Invoke(j)));

    private void LeadershipChanged(LeadershipState state)
    {
        var (before, now) = (Interlocked.Exchange(ref known, state), state);
        // A leader whose lease was deleted makes it anew with a higher number: it has led all the while, and its streams live.
        if (before.IsLeader == now.IsLeader)
            return;
        entries.Clear();
        if (now.IsLeader)
            clock.BeginsToLead(now.TakenAfterSilence);
        else
            searches.Clear();
    }
}
