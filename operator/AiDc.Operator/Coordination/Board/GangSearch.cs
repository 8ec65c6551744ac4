using AiDc.Operator.Membership;

namespace AiDc.Operator.Coordination.Board;

/// <summary>Which workers of one job ask this replica for the leader while it does not lead.</summary>
internal sealed class GangSearch(JobKey job)
{
    /// <summary>Without a leader a worker asks more often than this: a dial that leads nowhere takes a second, the pause after it half of one at most.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();
    private readonly Dictionary<string, TimeSpan> asked = new(StringComparer.Ordinal);
    private TimeSpan first;
    private TimeSpan last;

    public JobKey Job { get; } = job;

    /// <summary>A question after a long pause has nothing to do with those before: the worker had found its leader.</summary>
    public void Ask(string podUid, TimeSpan now)
    {
        lock (gate)
        {
            if (asked.Count == 0 || now - last > Gap)
            {
                asked.Clear();
                first = now;
            }
            asked[podUid] = last = now;
        }
    }

    /// <summary>As it was when this replica began to lead; null if nobody was looking for it then.</summary>
    /// <param name="silentSince">Since when the leader before had not renewed its lease: until then it may have been heard.</param>
    public LeaderSearch? Until(TimeSpan leaderSince, TimeSpan silentSince)
    {
        lock (gate)
            return asked.Count == 0 || leaderSince - last > Gap
                ? null
                : new(first > silentSince ? first : silentSince, new Dictionary<string, TimeSpan>(asked, StringComparer.Ordinal));
    }

    public bool IsOlderThan(TimeSpan age, TimeSpan now)
    {
        lock (gate)
            return now - last > age;
    }
}
