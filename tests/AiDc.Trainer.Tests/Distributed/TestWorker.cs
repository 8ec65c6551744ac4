using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Tests.Training;
using AiDc.Trainer.Training;
using Microsoft.Extensions.Time.Testing;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed;

/// <summary>A worker with its training thread in this process. It can be killed inside of a collective.</summary>
internal sealed class TestWorker : IDisposable
{
    private readonly CoordinatedGroups _groups;
    private readonly Thread _thread;
    private volatile bool _killed;

    public TestWorker(string uid, TestLeader leader, TrainingOptions options, ICollectiveBackend? backend = null, ILocalProcesses? others = null, Action<TestWorker, TrainingProgress>? onReport = null)
    {
        Uid = uid;
        Log = new RecordingLog { OnReport = p => onReport?.Invoke(this, p) };
        _groups = new(
            leader.Connect(uid), new Killable(backend ?? new GlooBackend("127.0.0.1"), () => _killed),
            new(new(0, uid), TimeSpan.FromMinutes(2)), others, Stop, TimeProvider.System);
        var uids = 0;
        // Moves a second each time that it is looked at, so that every step is reported.
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var services = new TrainerServices(Log, Stop, time, () => $"{uid}{Interlocked.Increment(ref uids):x4}", time.GetUtcNow(), null) { Groups = _groups };
        _thread = new Thread(() =>
        {
            try
            {
                Result = new AiDc.Trainer.Training.Trainer(options, services).Run();
            }
            catch (Exception error)
            {
                Error = error;
            }
            finally
            {
                _groups.Dispose();
            }
        }) { IsBackground = true };
        _thread.Start();
    }

    public string Uid { get; }

    public RecordingLog Log { get; }

    public StopSignal Stop { get; } = new();

    public TrainingResult? Result { get; private set; }

    public Exception? Error { get; private set; }

    /// <summary>At its next collective it is gone, with its connections.</summary>
    public void Kill() => _killed = true;

    public void Join()
    {
        if (!_thread.Join(TimeSpan.FromMinutes(2))) Assert.Fail($"worker {Uid} did not end: {string.Join(" | ", Log.Notes.ToArray().Select(n => n.Message))}");
    }

    public void Dispose() => Stop.Dispose();

    private sealed class KilledException : Exception;

    private sealed class Killable(ICollectiveBackend inner, Func<bool> killed) : ICollectiveBackend
    {
        public IPendingGroup Prepare(int rank, int size, TimeSpan collectiveTimeout) => new Pending(inner.Prepare(rank, size, collectiveTimeout), killed);

        private sealed class Pending(IPendingGroup inner, Func<bool> killed) : IPendingGroup
        {
            public byte[] Address => inner.Address;

            public ICollectiveGroup Connect(IReadOnlyList<byte[]> addresses, TimeSpan timeout) => new Group(inner.Connect(addresses, timeout), killed);

            public void Abort() => inner.Abort();

            public void Dispose() => inner.Dispose();
        }

        private sealed class Group(ICollectiveGroup inner, Func<bool> killed) : ICollectiveGroup
        {
            public int Rank => inner.Rank;

            public int Size => inner.Size;

            public void AllReduceSum(Tensor tensor)
            {
                if (killed()) throw new KilledException();
                inner.AllReduceSum(tensor);
            }

            public void Broadcast(Tensor tensor, int root) => inner.Broadcast(tensor, root);

            public void AllGather(Tensor output, Tensor input) => inner.AllGather(output, input);

            public void Barrier() => inner.Barrier();

            public void Abort() => inner.Abort();

            public void Dispose() => inner.Dispose();
        }
    }
}
