namespace AiDc.Benchmarks.Autoscaling.Simulation;

/// <summary>
/// A discrete-event simulation of one service: requests wait in one queue, first come first served, for the least loaded replica with a free
/// slot; a replica that is given up takes nothing new and goes once its last request ended. Replicas that have not started are given up first,
/// then the least loaded. Without chance: what is random lies in the trace and in the times of starting.
/// </summary>
internal sealed class ServingSimulator
{
    private const double Patience = 3600;

    private enum EventKind
    {
        Arrival,
        Completion,
        Started,
        Tick,
    }

    private sealed record Event(EventKind Kind, int Request = -1, Replica? Replica = null, double Work = 0);

    private sealed class Replica(int number, double startedAt)
    {
        public int Number => number;

        public int Busy { get; set; }

        public bool IsDraining { get; set; }

        public bool IsReady(double now) => startedAt <= now;
    }

    private readonly IReadOnlyList<SimulatedRequest> trace;
    private readonly IScalingAlgorithm algorithm;
    private readonly SimulationSettings settings;
    private readonly PriorityQueue<Event, (double At, int Kind, int Order)> events = new();
    private readonly List<Replica> replicas = [];
    private readonly Queue<int> waiting = new();
    private readonly List<double> waits = [];
    private readonly List<(double, int)> wanted = [];
    private int order;
    private int started;
    private int alive;
    private int most;
    private int busy;
    private int completed;
    private double now;
    private double replicaSeconds;
    private double lastTick;
    private double concurrencySeconds;
    private int arrivals;
    private int completions;
    private double serviceSeconds;

    private ServingSimulator(IReadOnlyList<SimulatedRequest> trace, IScalingAlgorithm algorithm, SimulationSettings settings)
    {
        this.trace = trace;
        this.algorithm = algorithm;
        this.settings = settings;
    }

    /// <summary>Until the last request is answered.</summary>
    public static SimulationResult Run(IReadOnlyList<SimulatedRequest> trace, IScalingAlgorithm algorithm, SimulationSettings settings) =>
        new ServingSimulator(trace, algorithm, settings).Run();

    private SimulationResult Run()
    {
        for (var i = 0; i < settings.Initial; i++)
            Add(new Replica(started++, 0));
        wanted.Add((0, settings.Initial));
        Schedule(trace[0].Arrival, new(EventKind.Arrival, 0));
        Schedule(settings.FirstTick, new(EventKind.Tick));
        while (completed < trace.Count && events.TryDequeue(out var next, out var when))
        {
            Advance(when.At);
            if (now > trace[^1].Arrival + Patience)
                throw new InvalidOperationException($"{trace.Count - completed} requests are not answered an hour after the last came");
            Handle(next);
        }
        waits.Sort();
        return new(
            waits.Count(w => w <= settings.WaitObjective) / (double)trace.Count, replicaSeconds, waits[(int)(0.99 * (waits.Count - 1))], most, wanted);
    }

    private void Handle(Event next)
    {
        switch (next.Kind)
        {
            case EventKind.Arrival:
                Arrive(next.Request);
                break;
            case EventKind.Completion:
                Complete(next.Replica!, next.Work);
                break;
            case EventKind.Tick:
                Decide();
                Schedule(now + algorithm.TickSeconds, new(EventKind.Tick));
                break;
        }
        Dispatch();
    }

    private void Arrive(int request)
    {
        waiting.Enqueue(request);
        arrivals++;
        if (request + 1 < trace.Count)
            Schedule(trace[request + 1].Arrival, new(EventKind.Arrival, request + 1));
        if (algorithm.WakesAtOnce && replicas.Count == 0)
            Decide();
    }

    private void Complete(Replica replica, double work)
    {
        replica.Busy--;
        busy--;
        completed++;
        completions++;
        serviceSeconds += work;
        if (replica is { IsDraining: true, Busy: 0 })
            alive--;
    }

    private void Dispatch()
    {
        while (waiting.Count > 0 && replicas.Where(r => r.Busy < settings.Slots && r.IsReady(now)).MinBy(r => r.Busy) is { } replica)
        {
            var request = waiting.Dequeue();
            replica.Busy++;
            busy++;
            waits.Add(now - trace[request].Arrival);
            Schedule(now + trace[request].Service, new(EventKind.Completion, request, replica, trace[request].Service));
        }
    }

    private void Decide()
    {
        var ready = replicas.Count(r => r.IsReady(now));
        var seen = new Observation
        {
            Now = now,
            MeanConcurrency = now > lastTick ? concurrencySeconds / (now - lastTick) : busy + waiting.Count,
            InFlight = busy,
            Queued = waiting.Count,
            Arrivals = arrivals,
            Completions = completions,
            ServiceSeconds = serviceSeconds,
            Ready = ready,
            Starting = replicas.Count - ready,
        };
        (lastTick, concurrencySeconds, arrivals, completions, serviceSeconds) = (now, 0, 0, 0, 0);
        if (algorithm.Decide(seen) is { } replicasWanted)
            Scale(Math.Clamp(replicasWanted, settings.Min, settings.Max));
    }

    private void Scale(int count)
    {
        if (count == replicas.Count)
            return;
        wanted.Add((now, count));
        while (replicas.Count < count)
        {
            var seconds = settings.StartSeconds(started);
            Add(new Replica(started++, now + seconds));
            Schedule(now + seconds, new(EventKind.Started));
        }
        foreach (var replica in replicas.OrderBy(r => r.IsReady(now)).ThenBy(r => r.Busy).ThenBy(r => r.Number).Take(replicas.Count - count).ToList())
            Remove(replica);
    }

    private void Add(Replica replica)
    {
        replicas.Add(replica);
        most = Math.Max(most, ++alive);
    }

    private void Remove(Replica replica)
    {
        replicas.Remove(replica);
        replica.IsDraining = true;
        if (replica.Busy == 0)
            alive--;
    }

    private void Advance(double to)
    {
        replicaSeconds += (to - now) * alive;
        concurrencySeconds += (to - now) * (busy + waiting.Count);
        now = to;
    }

    private void Schedule(double at, Event what) => events.Enqueue(what, (at, (int)what.Kind, order++));
}
