namespace AiDc.Operator.Membership;

/// <summary>How long the decision waits for what.</summary>
public static class MembershipTimes
{
    /// <summary>Workers say how they are so often.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    /// <summary>For a worker whose stream ended to come back: a process that died does not.</summary>
    public static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    /// <summary>For workers to find a new leader: a dial that ends at a replica which is gone takes a second, and there may be two of them.</summary>
    public static readonly TimeSpan Finding = TimeSpan.FromSeconds(2);

    /// <summary>After a broken group, for the news of who broke it.</summary>
    public static readonly TimeSpan Broken = TimeSpan.FromMilliseconds(300);

    /// <summary>The longest pause before a group is formed again that broke without a step, time after time.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>For an elastic gang that has enough workers to start, for the rest of them.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromSeconds(30);

    /// <summary>For a member that speaks to get Ready: aborting and preparing takes a fraction of a second.</summary>
    public static readonly TimeSpan Ready = TimeSpan.FromSeconds(30);

    /// <summary>Without a word for so long a worker is worth a look; no more than that.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
}
