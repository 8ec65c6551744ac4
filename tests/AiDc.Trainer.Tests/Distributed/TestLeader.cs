using System.Collections.Concurrent;
using AiDc.Coordination.V1;
using AiDc.Coordination;

namespace AiDc.Trainer.Tests.Distributed;

/// <summary>
/// A leader as the workers see it, which decides nothing by itself: the test says who trains together; it collects the answers, sends the
/// start when all are ready, and keeps what it was told.
/// </summary>
internal sealed class TestLeader : IDisposable
{
    private readonly Lock _lock = new();
    private readonly BlockingCollection<(string Uid, GangLink Link)> _news = [];
    private readonly Dictionary<string, GangLink> _workers = [];
    private readonly Dictionary<string, Ready> _ready = [];
    private readonly Thread _thread;
    private string[] _members = [];
    private long _generation;

    public TestLeader()
    {
        _thread = new Thread(Listen) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Called with the lock held, on the leader's thread.</summary>
    public Action<string, WorkerMessage>? OnMessage { get; set; }

    public long Generation
    {
        get
        {
            lock (_lock) return _generation;
        }
    }

    public GangLink Connect(string uid)
    {
        var link = new GangLink();
        link.OnWake(() => _news.Add((uid, link)));
        lock (_lock) _workers[uid] = link;
        return link;
    }

    public MemberState Standing(string uid)
    {
        lock (_lock) return _workers[uid].Standing;
    }

    public void Form(params string[] members)
    {
        lock (_lock)
        {
            _members = members;
            _ready.Clear();
            var membership = new Membership { Generation = ++_generation };
            membership.Members.AddRange(members.Select((uid, i) => new Member { WorkerIndex = i, PodUid = uid }));
            Send(_workers.Values, new CoordinatorMessage { LeaseTransitions = 1, Membership = membership });
        }
    }

    public void Hold(string writer)
    {
        lock (_lock)
        {
            _members = [];
            _generation++;
            foreach (var (uid, link) in _workers)
                Send([link], new CoordinatorMessage { LeaseTransitions = 1, Hold = new Hold { Generation = _generation, Reason = "test", WritesCheckpoint = uid == writer } });
        }
    }

    public void Dispose() => _news.CompleteAdding();

    private void Listen()
    {
        foreach (var (uid, link) in _news.GetConsumingEnumerable())
        {
            lock (_lock)
            {
                foreach (var message in link.Take().Messages)
                {
                    OnMessage?.Invoke(uid, message);
                    if (message.Ready is { } ready && ready.Generation == _generation) Ready(uid, ready);
                }
            }
        }
    }

    private void Ready(string uid, Ready ready)
    {
        _ready[uid] = ready;
        if (_members.Length == 0 || !_members.All(_ready.ContainsKey)) return;
        var steps = _members.Select(m => _ready[m].HasState ? _ready[m].CommittedStep : -1).ToArray();
        var processes = _ready[_members[0]].Rendezvous.Count;
        var start = new Start { Generation = _generation, OwnerRank = Array.IndexOf(steps, steps.Max()) * processes, Synchronise = steps.Distinct().Count() > 1 };
        start.Rendezvous.AddRange(_members.SelectMany(m => _ready[m].Rendezvous));
        Send(_members.Select(m => _workers[m]), new CoordinatorMessage { LeaseTransitions = 1, Start = start });
    }

    private static void Send(IEnumerable<GangLink> links, CoordinatorMessage message)
    {
        foreach (var link in links.ToArray()) link.Receive(message);
    }
}
