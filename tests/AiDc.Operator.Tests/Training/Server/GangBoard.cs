using AiDc.Operator.Coordination;
using AiDc.Operator.Membership;
using AiDc.Operator.Tests.Training.Distributed;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>One leader's view of workers that several leaders hear one after the other: it starts with nothing announced.</summary>
internal sealed class GangBoard(SimulatedWorkers workers, TimeProvider clock) : IGangBoard
{
    private readonly Lock gate = new();
    private readonly TimeSpan since = Monotonic(clock);
    private (long Generation, TimeSpan At)? announced;
    private string? writer;
    private JobKey? job;

    public event Action<JobKey>? Changed;

    /// <summary>What the attempt's workers say.</summary>
    public int Attempt { get; set; } = 1;

    public GangSessions? Get(string jobUid)
    {
        lock (gate)
        {
            return new()
            {
                Now = Monotonic(clock),
                LeaderSince = since,
                ForgivenAt = since,
                Announced = announced,
                HoldWriter = writer,
                Members = workers.Sessions(Attempt),
            };
        }
    }

    public void Announce(JobKey job, MembershipDecision decision)
    {
        lock (gate)
        {
            this.job = job;
            announced = (decision.Membership!.Generation, Monotonic(clock));
            writer = decision.Membership.IsHold ? decision.Writer : null;
            workers.Hear(decision);
        }
        Changed?.Invoke(job);
    }

    /// <summary>Something happened to the workers that their leader hears.</summary>
    public void Change(JobKey about, Action what)
    {
        lock (gate) what();
        Changed?.Invoke(job ?? about);
    }

    public void Forget(string jobUid)
    {
    }

    private static TimeSpan Monotonic(TimeProvider clock) => clock.GetElapsedTime(0);
}
