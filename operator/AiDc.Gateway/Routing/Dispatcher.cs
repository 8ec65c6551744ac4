using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Routing;

/// <summary>
/// Hands the requests of one service to its replicas: at once where one is free, else in the order in which they came. All its state is
/// behind one lock, which is held for microseconds.
/// </summary>
/// <param name="random">Uniform in [0, 1).</param>
/// <param name="maxWaiting">The most requests that wait here at once.</param>
internal sealed class Dispatcher(TimeProvider clock, Func<double> random, int maxWaiting)
{
    /// <summary>How long a replica whose queue was full gets nothing new.</summary>
    private static readonly TimeSpan FullFor = TimeSpan.FromMilliseconds(50);

    /// <summary>Candidates that are looked at without an allocation.</summary>
    private const int OnStack = 64;

    private readonly Lock gate = new();
    private readonly List<Replica> replicas = [];
    private readonly LinkedList<Waiter> waiting = new();
    private readonly Dictionary<string, RevisionCounters> counters = [];
    private string[] revisions = [];
    private int[] weights = [];
    private int concurrency = 1;
    private ulong arrivals;

    /// <summary>A request waits and there is no replica: told outside of the lock, once a request.</summary>
    public Action Starved { get; init; } = static () => { };

    public void Arrived() => Interlocked.Increment(ref arrivals);

    /// <param name="limit">Requests at once to a replica whose pod says no number of its own.</param>
    public void Configure(IReadOnlyList<RevisionWeight> shares, int limit)
    {
        lock (gate)
        {
            revisions = [.. shares.Select(s => s.Name)];
            weights = [.. shares.Select(s => s.Weight)];
            concurrency = limit;
            foreach (var replica in replicas) replica.Revision = Array.IndexOf(revisions, replica.Address.Revision);
            foreach (var gone in counters.Keys.Where(name => !revisions.Contains(name) && replicas.TrueForAll(r => r.Address.Revision != name)).ToList())
                counters.Remove(gone);
            foreach (var waiter in waiting) waiter.Drawn = -1;
            Pump();
        }
    }

    /// <summary>A replica of a pod of this name and uid, where it is known.</summary>
    public Replica? Find(ControllerRuntime.NamespacedName pod)
    {
        lock (gate) return replicas.Find(r => r.Address.Pod == pod);
    }

    public void Add(Replica replica)
    {
        lock (gate)
        {
            replica.Revision = Array.IndexOf(revisions, replica.Address.Revision);
            replicas.Add(replica);
        }
    }

    /// <summary>Its pod is gone: whatever waits for its answers waits in vain.</summary>
    public void Remove(Replica replica)
    {
        IInFlight[] lost;
        lock (gate)
        {
            replicas.Remove(replica);
            lost = [.. replica.InFlight];
        }
        foreach (var request in lost) request.Break();
    }

    /// <summary>Its pod changed.</summary>
    public void Update(Replica replica, ReplicaAddress address)
    {
        lock (gate)
        {
            replica.Address = address;
            replica.Revision = Array.IndexOf(revisions, address.Revision);
            Pump();
        }
    }

    /// <returns>Whether the replica is in, and whether it went out by this.</returns>
    public (bool IsIn, bool WentOut) Observe(Replica replica, ProbeOutcome outcome)
    {
        IInFlight[] lost = [];
        bool isIn, wentOut;
        lock (gate)
        {
            var before = replica.Health;
            replica.Health = HealthPolicy.Next(before, outcome);
            (isIn, wentOut) = (replica.Health.IsIn, before.IsIn && !replica.Health.IsIn);
            if (isIn && !before.IsIn) Pump();
            if (HealthPolicy.IsLost(replica.Health, othersUsable: replicas.Exists(r => r.IsUsable))) lost = [.. replica.InFlight];
        }
        foreach (var request in lost) request.Abandon();
        return (isIn, wentOut);
    }

    /// <summary>A replica at once, or not at all: what nearly every request needs.</summary>
    public Replica? TryTake(IInFlight request)
    {
        lock (gate)
        {
            if (waiting.Count > 0) return null;
            Span<Candidate> candidates = replicas.Count <= OnStack ? stackalloc Candidate[replicas.Count] : new Candidate[replicas.Count];
            Look(candidates);
            var choice = ReplicaChoicePolicy.Choose(candidates, weights, -1, random());
            return choice.Kind == ChoiceKind.Chosen ? Send(choice.Index, request) : null;
        }
    }

    /// <summary>A replica, once there is one that has room.</summary>
    /// <param name="again">It had its turn before: it goes to the front.</param>
    /// <param name="limit">How long the request can wait, by whether there is a replica at all.</param>
    /// <param name="left">The client does not wait any more.</param>
    public async ValueTask<Taken> TakeAsync(IInFlight request, bool again, Func<bool, TimeSpan> limit, CancellationToken left)
    {
        var waiter = new Waiter(request);
        LinkedListNode<Waiter> node;
        bool usable;
        lock (gate)
        {
            usable = AnyUsable();
            if (waiting.Count >= maxWaiting && !again) return new(null, usable ? TakenKind.BusyFull : TakenKind.NoReplicaFull, false);
            node = again ? waiting.AddFirst(waiter) : waiting.AddLast(waiter);
            Pump();
        }
        if (waiter.Turn.IsCompletedSuccessfully) return new(await waiter.Turn, TakenKind.Replica, false);
        if (!usable) Starved();
        return await WaitAsync(node, limit(usable), left);
    }

    /// <summary>The service is gone: nobody's turn will come.</summary>
    public void SendAway()
    {
        lock (gate)
            foreach (var waiter in waiting) waiter.Call(null);
    }

    /// <summary>The replica has answered, or will not.</summary>
    public void Return(Replica replica, IInFlight request)
    {
        lock (gate)
        {
            replica.InFlight.Remove(request);
            Pump();
        }
    }

    /// <summary>The replica's own queue is full: it gets nothing new for a moment.</summary>
    public void Full(Replica replica)
    {
        lock (gate) replica.FullUntil = clock.GetTimestamp() + (long)(FullFor.TotalSeconds * clock.TimestampFrequency);
        _ = PumpAfterAsync(FullFor + TimeSpan.FromMilliseconds(1));
    }

    /// <summary>A request to the replica ended, and not by anybody else's doing.</summary>
    /// <returns>Whether it is left out because of it.</returns>
    public bool Judge(Replica replica, bool failed)
    {
        // What all do nearly always costs no lock.
        if (!failed && replica.Outcomes is { Failures: 0, Count: Outcomes.Most }) return false;
        TimeSpan time;
        lock (gate)
        {
            replica.Outcomes = replica.Outcomes.And(failed);
            if (replica.Outcomes is { Failures: 0, Count: Outcomes.Most }) replica.Ejections = 0;
            var now = clock.GetTimestamp();
            if (!failed || replica.EjectedUntil > now) return false;
            var peers = replicas.FindAll(r => r.Address.Revision == replica.Address.Revision && r.IsUsable);
            var others = peers.FindAll(r => r != replica && r.EjectedUntil <= now);
            var ejected = peers.Count(r => r != replica && r.EjectedUntil > now);
            if (!OutlierPolicy.Ejects(replica.Outcomes, (others.Sum(r => r.Outcomes.Failed), others.Sum(r => r.Outcomes.Count)), peers.Count, ejected)) return false;
            time = OutlierPolicy.For(replica.Ejections++);
            replica.EjectedUntil = now + (long)(time.TotalSeconds * clock.TimestampFrequency);
            replica.Outcomes = Outcomes.OnTrial;
        }
        _ = PumpAfterAsync(time + TimeSpan.FromMilliseconds(1));
        return true;
    }

    /// <summary>A request was sent to the revision for the first time.</summary>
    public void Began(string revision)
    {
        lock (gate) Counters(revision).Arrivals++;
    }

    /// <summary>A request was answered, or cannot be.</summary>
    /// <param name="seconds">From the dispatch to the last byte.</param>
    public void Completed(string revision, double seconds, bool error)
    {
        lock (gate) Counters(revision).Complete(seconds, error);
    }

    /// <summary>A replica failed a request, which goes to another.</summary>
    public void Retried(string revision)
    {
        lock (gate) Counters(revision).Retried++;
    }

    /// <summary>The caller left while a replica had its request.</summary>
    /// <param name="seconds">From the dispatch until it left.</param>
    public void Left(string revision, double seconds)
    {
        lock (gate) Counters(revision).Leave(seconds);
    }

    public DispatcherLoad Load()
    {
        lock (gate)
        {
            var held = AnyUsable() ? 0 : waiting.Count;
            return new(
                Interlocked.Read(ref arrivals), held, waiting.Count - held,
                [.. counters.Select(c => c.Value.Read(c.Key, replicas.Where(r => r.Address.Revision == c.Key).Sum(r => r.InFlight.Count)))],
                [.. replicas.Where(r => r.Health.IsSilent && r.Address is { Ready: true, Leaving: false }).Select(r => r.Address.Pod)]);
        }
    }

    private async ValueTask<Taken> WaitAsync(LinkedListNode<Waiter> node, TimeSpan limit, CancellationToken left)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var onLate = late.Token.UnsafeRegister(static state => ((Waiter)state!).Call(null), node.Value);
        using var onLeft = left.UnsafeRegister(static state => ((Waiter)state!).Call(null), node.Value);
        if (await node.Value.Turn is { } replica) return new(replica, TakenKind.Replica, true);
        lock (gate)
        {
            if (node.List is not null) waiting.Remove(node);
            return new(null, AnyUsable() ? TakenKind.Busy : TakenKind.NoReplica, true);
        }
    }

    private async Task PumpAfterAsync(TimeSpan delay)
    {
        await Task.Delay(delay, clock);
        lock (gate) Pump();
    }

    /// <summary>Whoever waits gets its turn, in order, while there is room for it. Under the lock.</summary>
    private void Pump()
    {
        if (waiting.Count == 0) return;
        Span<Candidate> candidates = replicas.Count <= OnStack ? stackalloc Candidate[replicas.Count] : new Candidate[replicas.Count];
        Look(candidates);
        // Whose revision has no room for one has none for those behind it either.
        Span<bool> blocked = stackalloc bool[weights.Length];
        for (var node = waiting.First; node is not null;)
        {
            var (here, waiter) = (node, node.Value);
            node = node.Next;
            if (waiter.Drawn >= 0 && blocked[waiter.Drawn]) continue;
            var choice = ReplicaChoicePolicy.Choose(candidates, weights, waiter.Drawn, random());
            waiter.Drawn = choice.Revision;
            if (choice.Kind != ChoiceKind.Chosen)
            {
                if (choice.Revision < 0) return;
                blocked[choice.Revision] = true;
                continue;
            }
            waiting.Remove(here);
            var replica = Send(choice.Index, waiter.Request);
            if (waiter.Call(replica)) candidates[choice.Index] = candidates[choice.Index] with { Outstanding = replica.InFlight.Count };
            else replica.InFlight.Remove(waiter.Request);
        }
    }

    private Replica Send(int index, IInFlight request)
    {
        replicas[index].InFlight.Add(request);
        return replicas[index];
    }

    private void Look(Span<Candidate> candidates)
    {
        var now = clock.GetTimestamp();
        for (var i = 0; i < candidates.Length; i++)
        {
            var replica = replicas[i];
            var limit = replica.FullUntil > now ? 0 : replica.Address.MaxConcurrency ?? concurrency;
            candidates[i] = new(replica.Revision, replica.InFlight.Count, limit, replica.IsUsable && (replica.EjectedUntil <= now || !HasOther(replica, now)));
        }
    }

    /// <summary>Rather one that fails than none.</summary>
    private bool HasOther(Replica ejected, long now) =>
        replicas.Exists(r => r != ejected && r.IsUsable && r.EjectedUntil <= now && r.Address.Revision == ejected.Address.Revision);

    private bool AnyUsable()
    {
        var weighted = weights.Sum() > 0;
        return replicas.Exists(r => r.IsUsable && (!weighted || (r.Revision >= 0 && weights[r.Revision] > 0)));
    }

    private RevisionCounters Counters(string revision) =>
        counters.TryGetValue(revision, out var known) ? known : counters[revision] = new RevisionCounters();
}
