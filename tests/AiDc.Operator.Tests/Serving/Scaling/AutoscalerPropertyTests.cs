using AiDc.Operator.Serving.Scaling;

namespace AiDc.Operator.Tests.Serving.Scaling;

/// <summary>What holds whatever comes: random loads, silences, nonsense and changes of the spec.</summary>
[TestFixture]
internal sealed class AutoscalerPropertyTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Replicas_are_within_the_bounds_and_never_zero_while_a_request_needs_one([Range(1, 60)] int seed)
    {
        var random = new Random(seed);
        var settings = Settings(random);
        var state = AutoscalerState.Begin(Start, random.Next(0, 5));
        var now = Start;
        for (var tick = 0; tick < 1500; tick++)
        {
            if (random.Next(200) == 0)
                settings = Settings(random);
            now = now.AddSeconds(random.Next(20) == 0 ? 0 : random.Next(100) == 0 ? 300 * random.NextDouble() : 2 * random.NextDouble());
            var sample = Sample(random, tick);
            var before = state.Replicas;

            (state, var decision) = Autoscaler.Decide(
                state, new() { Settings = settings, Sample = sample, Ready = random.Next(0, 6), Starting = random.Next(0, 3) }, now);

            Check(settings, sample, decision, before);
            Assert.That(double.IsFinite(state.Estimate.Concurrency) && state.Estimate.Concurrency >= 0, $"demand {state.Estimate.Concurrency}");
        }
    }

    private static void Check(ScalingSettings settings, LoadSample? sample, ScaleDecision decision, int before)
    {
        Assert.That(decision.Why, Is.Not.Empty);
        if (settings.Pinned is { } pinned)
        {
            Assert.That(decision.Replicas, Is.EqualTo(pinned));
            return;
        }
        Assert.That(decision.Replicas, Is.InRange(settings.Min, settings.Max), decision.Why);
        if (sample is not { IsSound: true })
            Assert.That(decision.Replicas, Is.EqualTo(Math.Clamp(before, settings.Min, settings.Max)), "what is not known changes nothing");
        else if (sample.HasRequests)
            Assert.That(decision.Replicas, Is.GreaterThan(0), "a request needs a replica");
    }

    private static ScalingSettings Settings(Random random)
    {
        var min = random.Next(0, 4);
        return new()
        {
            Min = min,
            Max = Math.Max(1, min + random.Next(0, 30)),
            Pinned = random.Next(10) == 0 ? random.Next(0, 50) : null,
            Target = new(
                (ScalingMeasure)random.Next(4), random.Next(20) == 0 ? double.Epsilon : Math.Pow(10, (4 * random.NextDouble()) - 2)),
            IdleAfter = TimeSpan.FromSeconds(random.Next(1, 120)),
            ReplicaLimit = random.Next(1, 100),
        };
    }

    private static LoadSample? Sample(Random random, int tick)
    {
        if (random.Next(10) == 0)
            return null;
        if (random.Next(30) == 0)
            return new() { InFlight = double.NaN, Arrivals = -1, ServiceSeconds = double.PositiveInfinity };
        // Long silences, long loads, and numbers far from anything that is likely.
        var load = tick / 200 % 3 == 0 ? 0 : Math.Pow(10, (8 * random.NextDouble()) - 3);
        var completions = Math.Floor(load * random.NextDouble());
        return new()
        {
            InFlight = Math.Floor(load * random.NextDouble()),
            Waiting = random.Next(3) == 0 ? Math.Floor(load * random.NextDouble()) : 0,
            Arrivals = Math.Floor(load * random.NextDouble()),
            Completions = completions,
            ServiceSeconds = completions * random.NextDouble() * 10,
            OnTime = random.Next(2) == 0 ? Math.Floor(completions * random.NextDouble()) : null,
        };
    }
}
