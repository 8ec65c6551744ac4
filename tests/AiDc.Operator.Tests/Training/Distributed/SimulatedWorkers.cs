using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Training.Distributed;

/// <summary>Workers that keep to the protocol as long as the test lets them: what they know, and what a leader hears of them.</summary>
internal sealed class SimulatedWorkers
{
    private readonly Dictionary<string, Worker> workers = [];

    public IReadOnlyCollection<Worker> All => workers.Values;

    public Worker Of(string uid) => workers[uid];

    /// <summary>A worker whose data is read and whose model is built comes; one that is known is heard.</summary>
    public void Hello(int index, int attempt, string uid, TimeSpan now, bool isPrepared = true)
    {
        if (!workers.ContainsKey(uid))
            workers[uid] = new(index, attempt, uid) { PreparedSince = isPrepared ? now : null, Standing = new() { Prepared = isPrepared } };
        if (workers[uid].IsAlive) workers[uid].LastHeard = now;
    }

    /// <summary>Those who live do as they are told; where all members do, their group starts.</summary>
    public void Hear(MembershipDecision decision)
    {
        var told = decision.Membership!;
        var living = workers.Values.Where(m => m.IsAlive && m.Attempt == told.Attempt && m.Standing.Generation < told.Generation).ToList();
        foreach (var worker in living)
        {
            worker.Standing = worker.Standing with { Generation = told.Generation, InGroup = false };
            worker.Ready = !told.IsHold && told.Has(worker.Uid) ? told.Generation : 0;
        }
        var group = living.Where(m => told.Has(m.Uid)).ToList();
        if (told.IsHold || group.Count < told.Members.Count) return;
        var step = group.Where(m => m.Standing.HasState).Select(m => m.Standing.CommittedStep).DefaultIfEmpty(0).Max();
        foreach (var worker in group)
            worker.Standing = worker.Standing with { InGroup = true, HasState = true, CommittedStep = step, StateGeneration = told.Generation };
    }

    public void Steps(int count)
    {
        foreach (var worker in workers.Values.Where(m => m.IsAlive && m.Standing.InGroup))
            worker.Standing = worker.Standing with { CommittedStep = worker.Standing.CommittedStep + count };
    }

    public IReadOnlyList<MemberSession> Sessions(int attempt) =>
    [
        .. workers.Values.Where(m => m.Attempt == attempt).Select(m => new MemberSession(m.Index, m.Attempt, m.Uid)
        {
            Connected = m.ClosedAt is null,
            ClosedAt = m.ClosedAt,
            LastHeard = m.LastHeard,
            Standing = m.Standing,
            PreparedSince = m.PreparedSince,
            ReadyGeneration = m.Ready,
            Leaving = m.Leaving,
        }),
    ];

    internal sealed class Worker(int index, int attempt, string uid)
    {
        public int Index => index;

        public int Attempt => attempt;

        public string Uid => uid;

        public bool IsAlive { get; set; } = true;

        public bool Leaving { get; set; }

        public TimeSpan LastHeard { get; set; }

        public TimeSpan? ClosedAt { get; set; }

        public TimeSpan? PreparedSince { get; init; }

        public long Ready { get; set; }

        public MemberStanding Standing { get; set; }
    }
}
