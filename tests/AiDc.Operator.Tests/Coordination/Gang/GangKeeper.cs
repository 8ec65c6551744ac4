using AiDc.Operator.Coordination;
using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Coordination.Gang;

/// <summary>
/// What the training controller does with the board, without a cluster: looks when the board says so or a deadline is due, decides, records,
/// announces. The record is shared by replicas and written by compare and set, as the job's status is.
/// </summary>
internal sealed class GangKeeper : IDisposable
{
    public static readonly JobKey Job = new("team", "digits", "uid-digits");

    private readonly IGangBoard board;
    private readonly Record record;
    private readonly GangSize size;
    private readonly SemaphoreSlim wake = new(1);
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public GangKeeper(IGangBoard board, Record record, GangSize size)
    {
        (this.board, this.record, this.size) = (board, record, size);
        board.Changed += Wake;
        running = Task.Run(RunAsync);
    }

    /// <summary>Decides, and does not write: a leader that is paused in between.</summary>
    public bool Paused { get; set; }

    public List<MembershipDecision> Decisions { get; } = [];

    public void Dispose()
    {
        board.Changed -= Wake;
        stop.Cancel();
        running.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        stop.Dispose();
        wake.Dispose();
    }

    private void Wake(JobKey job) => wake.Release();

    private async Task RunAsync()
    {
        TimeSpan? lookAgain = null;
        while (!stop.IsCancellationRequested)
        {
            await wake.WaitAsync(lookAgain ?? TimeSpan.FromSeconds(60), stop.Token);
            var recorded = record.Value;
            if (Paused || board.Get(Job.Uid) is not { } sessions)
                continue;
            var decision = MembershipPolicy.Decide(new()
            {
                Attempt = 1,
                Recorded = recorded,
                Sessions = sessions,
                Pods = [.. Enumerable.Range(0, 4).Select(i => new GangPod(i, 0, $"uid-digits-{i}-1", $"digits-worker-{i}-1"))],
                Size = size,
            });
            lookAgain = decision.LookAgain;
            if (decision.Membership is null || !record.Write(recorded, decision.Membership))
                continue;
            lock (Decisions)
                Decisions.Add(decision);
            board.Announce(Job, decision);
        }
    }

    internal sealed class Record
    {
        private RecordedMembership? value;

        public RecordedMembership? Value => Volatile.Read(ref value);

        public bool Write(RecordedMembership? expected, RecordedMembership next) => Interlocked.CompareExchange(ref value, next, expected) == expected;
    }
}
