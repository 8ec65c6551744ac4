using AiDc.Operator.Serving.Scaling;

namespace AiDc.Operator.Tests.Serving.Scaling;

/// <summary>A service whose replicas work on all that comes as evenly as water flows, and start at once: for what does not depend on chance.</summary>
internal sealed class ServiceUnderTest(ScalingSettings settings, int replicas)
{
    private DateTimeOffset now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private AutoscalerState? state;

    public ScalingSettings Settings { get; set; } = settings;

    /// <summary>Whether what is added goes on starting.</summary>
    public bool NeverReady { get; init; }

    public List<ScaleDecision> Decisions { get; } = [];

    public ScaleDecision Last => Decisions[^1];

    /// <summary>One tick a second.</summary>
    public void Load(int seconds, double requestsPerSecond, double serviceSeconds)
    {
        for (var i = 0; i < seconds; i++)
            Tick(new()
            {
                InFlight = requestsPerSecond * serviceSeconds,
                Arrivals = requestsPerSecond,
                Completions = requestsPerSecond,
                ServiceSeconds = requestsPerSecond * serviceSeconds,
            });
    }

    public void Silence(int seconds)
    {
        for (var i = 0; i < seconds; i++)
            Tick(null);
    }

    private void Tick(LoadSample? sample)
    {
        state ??= AutoscalerState.Begin(now, replicas);
        now = now.AddSeconds(1);
        var ready = NeverReady ? replicas : state.Replicas;
        (state, var decision) = Autoscaler.Decide(
            state, new() { Settings = Settings, Sample = sample, Ready = ready, Starting = state.Replicas - ready }, now);
        Decisions.Add(decision);
    }
}
