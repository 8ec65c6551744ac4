using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Observed;

namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// Runs the autoscaler for each service every second, and at once for one whose requests wait for its first replica. Only the leader hears the
/// gateways, so only the leader decides; one that is new begins without a history, which the autoscaler knows how to bear.
/// </summary>
internal sealed class ScaleAdvisor(
    IStore<InferenceService> services, IStore<ServingPod> pods, ILoadBoard board, IRequestQueue<InferenceServiceReconciler> queue, TimeProvider clock,
    ILeadership? leadership = null) : BackgroundService, IScaleAdvisor
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<NamespacedName, Advised> known = [];
    private readonly DateTimeOffset begun = clock.GetUtcNow();
    private readonly long beginning = clock.GetTimestamp();

    public ScaleAdvice? For(NamespacedName service)
    {
        lock (gate) return known.GetValueOrDefault(service)?.Advice;
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        board.Woken += Look;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        board.Woken -= Look;
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Tick();
    }

    /// <summary>Decides for all services.</summary>
    internal void Tick()
    {
        var names = services.List().Select(s => NamespacedName.Of(s)).ToHashSet();
        lock (gate)
            foreach (var gone in known.Keys.Where(k => !names.Contains(k)).ToList())
                known.Remove(gone);
        foreach (var name in names)
            Look(name);
    }

    private void Look(NamespacedName name)
    {
        if (leadership is { State.IsLeader: false } || services.Get(name) is not { } service || ScalingSettingsBuilder.Of(service) is not { } settings) return;
        bool changed;
        lock (gate)
        {
            // By the monotonic clock: history does not get longer because somebody sets the time.
            var now = begun + clock.GetElapsedTime(beginning);
            var before = known.GetValueOrDefault(name) is { } same && same.Uid == service.Metadata.Uid ? same : Begin(service, now);
            known[name] = Next(before, name, settings, now);
            changed = before.Advice?.Replicas != known[name].Advice?.Replicas;
        }
        if (changed) queue.Enqueue(name);
    }

    private Advised Next(Advised before, NamespacedName name, ScalingSettings settings, DateTimeOffset now)
    {
        var reading = board.Read(name);
        var replicas = pods.ByIndex(ServiceGatherer.ByService, name.ToString());
        var input = new AutoscalerInput
        {
            Settings = settings,
            Sample = LoadSampleBuilder.Of(before.Reading, reading, settings.Target.Measure == ScalingMeasure.Latency ? settings.Target.Value : null),
            Ready = replicas.Count(p => p.IsReady),
            Starting = replicas.Count(p => !p.IsReady && !p.IsBeingDeleted && !p.IsOver),
        };
        if (!reading.Complete) return Late(before, reading, input, settings, now);
        var (state, decision) = Autoscaler.Decide(before.State, input, now);
        return before with { State = state, Reading = reading.Complete ? reading : before.Reading, Advice = new(decision.Replicas, decision.Why) };
    }

    /// <summary>
    /// A gateway is late, so what is known is too little. Nothing is given up because of it, and nothing is learnt from it; but what is more than enough
    /// already is not less because of what one has not said.
    /// </summary>
    private static Advised Late(Advised before, ServiceReading reading, AutoscalerInput input, ScalingSettings settings, DateTimeOffset now)
    {
        if (before.Reading is not { } known || reading.Gateways == 0) return Kept();
        var least = LoadSampleBuilder.Of(known, reading with { Complete = true }, settings.Target.Measure == ScalingMeasure.Latency ? settings.Target.Value : null);
        var (state, decision) = Autoscaler.Decide(before.State, input with { Sample = least }, now);
        return decision.Replicas > before.State.Replicas
            ? before with { State = state, Reading = reading, Advice = new(decision.Replicas, $"{decision.Why}; a gateway is late, so it may be more") } : Kept();

        Advised Kept()
        {
            var (same, unchanged) = Autoscaler.Decide(before.State, input, now);
            return before with { State = same, Advice = new(unchanged.Replicas, unchanged.Why) };
        }
    }

    /// <summary>With the replicas that its status names: those it is to have, whoever decided that.</summary>
    private static Advised Begin(InferenceService service, DateTimeOffset now) =>
        new(service.Metadata.Uid, AutoscalerState.Begin(now, service.Status?.Replicas?.Desired ?? Math.Max(1, service.Spec.Scaling.Min)));

    private sealed record Advised(string Uid, AutoscalerState State, ServiceReading? Reading = null, ScaleAdvice? Advice = null);
}
