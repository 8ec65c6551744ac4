using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

/// <summary>A gang as the leader sees it, told step by step. Time is in seconds of its clock, and stands at 100.</summary>
internal sealed class GangScene(int target, int? needed = null)
{
    private readonly Dictionary<string, GangPod> pods = Enumerable.Range(0, target).Select(i => new GangPod(i, 0, $"p{i}", $"job-worker-{i}-1")).ToDictionary(p => p.Uid);
    private readonly Dictionary<string, MemberSession> sessions = [];
    private GangSize size = new(target, needed ?? target);
    private RecordedMembership? recorded;
    private long announced;
    private double now = 100;
    private double announcedAt = 90;
    private double leaderSince;
    private double forgivenAt;
    private double? lastAdvance;
    private string? holdWriter;
    private bool ending;
    private bool ended;
    private int processes = 1;
    private LeaderSearch? search;

    /// <summary>All slots train together in a generation that this leader formed, all witnesses.</summary>
    public static GangScene Training(int workers, int? needed = null, long generation = 5, long step = 40) =>
        new GangScene(workers, needed).Recorded(generation, [.. Enumerable.Range(0, workers).Select(i => $"p{i}")]).InGroup(generation, step);

    public GangScene Recorded(long generation, string[] uids, string[]? witnesses = null, string? hold = null, bool ours = true, int attempt = 1)
    {
        recorded = new(generation, attempt, [.. uids.Select(u => new GangMember(IndexOf(u), u, witnesses?.Contains(u) ?? true))], hold);
        announced = ours ? generation : 0;
        return this;
    }

    public GangScene InGroup(long generation, long step) =>
        recorded!.Members.Aggregate(this, (s, m) => s.Says(m.PodUid, new(true, generation, true, true, step, generation)));

    public GangScene Prepared(params string[] uids) => uids.Aggregate(this, (s, u) => s.Says(u, new(true, 0, false, false, 0, 0)));

    /// <summary>It is connected and was heard just now.</summary>
    public GangScene Says(string uid, MemberStanding standing) => Change(uid, s => s with
    {
        Standing = standing, Connected = true, ClosedAt = null, LastHeard = At(now), PreparedSince = standing.Prepared ? s.PreparedSince ?? At(now) : null,
    });

    public GangScene Standing(string uid, Func<MemberStanding, MemberStanding> change) => Change(uid, s => s with { Standing = change(s.Standing) });

    public GangScene Closed(string uid, double at) => Change(uid, s => s with { Connected = false, ClosedAt = At(at), LastHeard = At(at) });

    public GangScene LastHeard(string uid, double at) => Change(uid, s => s with { LastHeard = At(at) });

    public GangScene Leaving(params string[] uids) => uids.Aggregate(this, (s, u) => s.Change(u, m => m with { Leaving = true }).Pod(u, p => p with { IsBeingDeleted = true }));

    public GangScene Broken(string uid, double at, params int[] closedRanks) => Change(uid, s => s with
    {
        Broken = new(recorded!.Generation, closedRanks, "connection closed", At(at)),
        Standing = s.Standing with { InGroup = false },
    });

    public GangScene Ready(string uid, long generation) => Change(uid, s => s with { ReadyGeneration = generation, Standing = s.Standing with { Generation = generation, InGroup = false } });

    public GangScene NeverHeard(string uid)
    {
        sessions.Remove(uid);
        return this;
    }

    public GangScene Pod(string uid, Func<GangPod, GangPod> change)
    {
        pods[uid] = change(pods[uid]);
        return this;
    }

    public GangScene Gone(string uid)
    {
        pods.Remove(uid);
        return this;
    }

    /// <summary>The slot's next pod: p1.2 is the second replacement of slot 1.</summary>
    public GangScene Replacement(string uid)
    {
        var (index, incarnation) = (IndexOf(uid), int.Parse(uid.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture));
        pods[uid] = new(index, incarnation, uid, $"job-worker-{index}-1-{incarnation}");
        return this;
    }

    public GangScene Resized(int replicas, int? atLeast = null)
    {
        size = new(replicas, atLeast ?? replicas);
        for (var i = 0; i < replicas; i++)
            pods.TryAdd($"p{i}", new(i, 0, $"p{i}", $"job-worker-{i}-1"));
        return this;
    }

    public GangScene Now(double seconds) => Set(() => now = seconds);

    public GangScene AnnouncedAt(double seconds) => Set(() => announcedAt = seconds);

    public GangScene LeaderSince(double seconds) => Set(() => leaderSince = seconds);

    /// <summary>The gang looked for this replica before it led, each pod last at its time.</summary>
    public GangScene Searching(double since, params (string Uid, double At)[] asked) =>
        Set(() => search = new(At(since), asked.ToDictionary(a => a.Uid, a => At(a.At))));

    public GangScene ForgivenAt(double seconds) => Set(() => forgivenAt = seconds);

    public GangScene LastAdvance(double seconds) => Set(() => lastAdvance = seconds);

    public GangScene Writer(string uid) => Set(() => holdWriter = uid);

    public GangScene Ending() => Set(() => ending = true);

    public GangScene Ended() => Set(() => ended = true);

    public GangScene Processes(int count) => Set(() => processes = count);

    public MembershipDecision Decide() => MembershipPolicy.Decide(new()
    {
        Attempt = 1,
        Recorded = recorded,
        Pods = [.. pods.Values],
        Size = size,
        Processes = processes,
        IsEnding = ending,
        TrainingHasEnded = ended,
        Sessions = new()
        {
            Now = At(now),
            LeaderSince = At(leaderSince),
            ForgivenAt = At(forgivenAt),
            LastAdvance = lastAdvance is { } advance ? At(advance) : null,
            Announced = announced > 0 ? (announced, At(announcedAt)) : null,
            HoldWriter = holdWriter,
            Search = search,
            Members = [.. sessions.Values],
        },
    });

    private static int IndexOf(string uid) => int.Parse(uid[1..].Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private GangScene Set(Action set)
    {
        set();
        return this;
    }

    private GangScene Change(string uid, Func<MemberSession, MemberSession> change)
    {
        sessions[uid] = change(sessions.GetValueOrDefault(uid) ?? new(IndexOf(uid), 1, uid) { Connected = true, LastHeard = At(now) });
        return this;
    }
}
