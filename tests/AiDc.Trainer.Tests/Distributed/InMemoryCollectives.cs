using System.Text;
using AiDc.Trainer.Distributed.Collectives;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed;

/// <summary>Groups of threads of one process: sums in the order of ranks, and fails as a real one does when a rank is killed or aborts.</summary>
internal sealed class InMemoryCollectives : ICollectiveBackend
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Meeting> _meetings = [];
    private int _addresses;

    /// <summary>Called before each all-reduce, on the rank's thread; may throw.</summary>
    public Action<int>? BeforeSum { get; set; }

    public IPendingGroup Prepare(int rank, int size, TimeSpan collectiveTimeout)
    {
        lock (_lock) return new Pending(this, rank, size, $"address-{_addresses++}");
    }

    private Meeting MeetingOf(IReadOnlyList<byte[]> addresses)
    {
        var key = string.Join(' ', addresses.Select(a => Encoding.UTF8.GetString(a)));
        lock (_lock)
        {
            if (!_meetings.TryGetValue(key, out var meeting)) _meetings.Add(key, meeting = new Meeting(addresses.Count));
            return meeting;
        }
    }

    private sealed class Pending(InMemoryCollectives owner, int rank, int size, string address) : IPendingGroup
    {
        private readonly CancellationTokenSource _aborted = new();

        public byte[] Address { get; } = Encoding.UTF8.GetBytes(address);

        public ICollectiveGroup Connect(IReadOnlyList<byte[]> addresses, TimeSpan timeout)
        {
            Assert.That(addresses, Has.Count.EqualTo(size));
            Assert.That(addresses[rank], Is.EqualTo(Address));
            var meeting = owner.MeetingOf(addresses);
            var group = new Group(owner, meeting, rank, size);
            using var abort = _aborted.Token.Register(group.Abort);
            meeting.Exchange(rank, [], timeout);
            return group;
        }

        public void Abort() => _aborted.Cancel();

        public void Dispose()
        {
        }
    }

    private sealed class Group(InMemoryCollectives owner, Meeting meeting, int rank, int size) : ICollectiveGroup
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

        public int Rank => rank;

        public int Size => size;

        public void AllReduceSum(Tensor tensor)
        {
            owner.BeforeSum?.Invoke(rank);
            using var scope = NewDisposeScope();
            var all = meeting.Exchange(rank, tensor.bytes.ToArray(), Patience);
            var sum = zeros_like(tensor);
            foreach (var bytes in all)
            {
                var term = empty(tensor.shape, tensor.dtype);
                bytes.CopyTo(term.bytes);
                sum.add_(term);
            }

            tensor.copy_(sum);
        }

        public void Broadcast(Tensor tensor, int root) => meeting.Exchange(rank, tensor.bytes.ToArray(), Patience)[root].CopyTo(tensor.bytes);

        public void AllGather(Tensor output, Tensor input) =>
            meeting.Exchange(rank, input.bytes.ToArray(), Patience).SelectMany(b => b).ToArray().CopyTo(output.bytes);

        public void Barrier() => meeting.Exchange(rank, [], Patience);

        public void Abort() => meeting.Abort(rank);

        public void Dispose() => meeting.Close(rank);
    }

    /// <summary>Where the ranks of a group exchange one collective after another.</summary>
    private sealed class Meeting(int size)
    {
        private readonly object _gate = new();
        private readonly HashSet<int> _closed = [];
        private readonly HashSet<int> _aborted = [];
        private byte[]?[] _given = new byte[]?[size];
        private byte[][] _all = [];
        private long _round;

        public byte[][] Exchange(int rank, byte[] data, TimeSpan timeout)
        {
            lock (_gate)
            {
                ThrowIfBroken(rank);
                var round = _round;
                _given[rank] = data;
                if (_given.All(g => g is not null))
                {
                    _all = _given!;
                    _given = new byte[]?[size];
                    _round++;
                    Monitor.PulseAll(_gate);
                    return _all;
                }

                while (_round == round)
                {
                    if (!Monitor.Wait(_gate, timeout)) throw new CollectiveException("timed out");
                    if (_round == round) ThrowIfBroken(rank);
                }

                return _all;
            }
        }

        public void Abort(int rank)
        {
            lock (_gate)
            {
                _aborted.Add(rank);
                _closed.Add(rank);
                Monitor.PulseAll(_gate);
            }
        }

        public void Close(int rank)
        {
            lock (_gate)
            {
                _closed.Add(rank);
                Monitor.PulseAll(_gate);
            }
        }

        private void ThrowIfBroken(int rank)
        {
            if (_aborted.Contains(rank)) throw new GroupAbortedException();
            if (_closed.Count > 0) throw new CollectiveException("a connection was closed", [.. _closed.Order()]);
        }
    }
}
