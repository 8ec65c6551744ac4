using AiDc.Operator.Serving.Scaling;

namespace AiDc.Operator.Tests.Serving.Scaling;

[TestFixture]
internal sealed class AutoscalerTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ScalingSettings FromZero = new() { Min = 0, Max = 10, ReplicaLimit = 4 };

    [Test]
    public void Replicas_that_somebody_sets_are_what_there_is_whatever_the_load()
    {
        var service = new ServiceUnderTest(FromZero with { Pinned = 3 }, replicas: 1);

        service.Load(30, requestsPerSecond: 40, serviceSeconds: 1);

        Assert.That(service.Last, Is.EqualTo(new ScaleDecision(3, "scaling.replicas says so")));
    }

    [Test]
    public void A_pin_of_zero_counts_although_requests_wait()
    {
        var service = new ServiceUnderTest(FromZero with { Pinned = 0 }, replicas: 2);

        service.Load(5, requestsPerSecond: 4, serviceSeconds: 1);

        Assert.That(service.Last.Replicas, Is.Zero);
    }

    [Test]
    public void A_request_that_waits_at_zero_replicas_wakes_the_service_at_once()
    {
        var idle = AutoscalerState.Begin(Start, 0);

        var (_, decision) = Autoscaler.Decide(idle, new() { Settings = FromZero, Sample = new() { Waiting = 1, Arrivals = 1 } }, Start);

        Assert.That(decision, Is.EqualTo(new ScaleDecision(1, "a request waits and there was no replica")));
    }

    [Test]
    public void A_service_that_nobody_calls_stays_at_zero()
    {
        var service = new ServiceUnderTest(FromZero, replicas: 0);

        service.Load(300, requestsPerSecond: 0, serviceSeconds: 1);

        Assert.That(service.Decisions, Has.All.Property(nameof(ScaleDecision.Replicas)).Zero);
    }

    [Test]
    public void A_replica_that_loads_for_longer_than_the_time_of_idleness_is_not_idle()
    {
        var settings = FromZero with { IdleAfter = TimeSpan.FromSeconds(60) };
        var (state, decision) = (AutoscalerState.Begin(Start, 1), new ScaleDecision(1, ""));
        for (var second = 1; second <= 300; second++)
            (state, decision) = Autoscaler.Decide(state, new() { Settings = settings, Sample = new(), Starting = 1 }, Start.AddSeconds(second));
        Assert.That(decision.Replicas, Is.EqualTo(1), "it is still loading");

        for (var second = 301; second <= 359; second++)
            (state, decision) = Autoscaler.Decide(state, new() { Settings = settings, Sample = new(), Ready = 1 }, Start.AddSeconds(second));
        Assert.That(decision.Replicas, Is.EqualTo(1), "it could have answered for less than that time");
        (_, decision) = Autoscaler.Decide(state, new() { Settings = settings, Sample = new(), Ready = 1 }, Start.AddSeconds(360));
        Assert.That(decision.Replicas, Is.Zero);
    }

    [Test]
    public void The_last_replica_goes_once_the_service_has_been_idle_for_so_long_as_the_spec_says_and_no_sooner()
    {
        var service = new ServiceUnderTest(FromZero with { IdleAfter = TimeSpan.FromSeconds(60) }, replicas: 0);
        service.Load(30, requestsPerSecond: 4, serviceSeconds: 1);

        service.Load(58, requestsPerSecond: 0, serviceSeconds: 1);
        Assert.That(service.Last.Replicas, Is.GreaterThan(0));

        service.Load(5, requestsPerSecond: 0, serviceSeconds: 1);
        Assert.That(service.Last, Is.EqualTo(new ScaleDecision(0, "no request for 60 s")));
    }

    [Test]
    public void An_answer_that_takes_long_keeps_its_replica_though_nothing_new_comes()
    {
        var (state, _) = Autoscaler.Decide(
            AutoscalerState.Begin(Start, 1), new() { Settings = FromZero, Sample = new() { InFlight = 1, Arrivals = 1 }, Ready = 1 }, Start);

        for (var second = 1; second < 300; second++)
        {
            (state, var decision) = Autoscaler.Decide(
                state, new() { Settings = FromZero, Sample = new() { InFlight = 1 }, Ready = 1 }, Start.AddSeconds(second));
            Assert.That(decision.Replicas, Is.EqualTo(1));
        }
    }

    [Test]
    public void What_is_not_known_changes_nothing()
    {
        var service = new ServiceUnderTest(FromZero, replicas: 0);
        service.Load(60, requestsPerSecond: 20, serviceSeconds: 1);
        var before = service.Last.Replicas;

        service.Silence(600);

        Assert.That(before, Is.GreaterThan(1));
        Assert.That(service.Last, Is.EqualTo(new ScaleDecision(before, "the load is not known: nothing is changed")));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(-1)]
    public void A_sample_that_makes_no_sense_is_no_sample(double arrivals)
    {
        var begun = AutoscalerState.Begin(Start, 2);

        var (state, decision) = Autoscaler.Decide(
            begun, new() { Settings = FromZero, Sample = new() { Arrivals = arrivals }, Ready = 2 }, Start.AddSeconds(1));

        Assert.That(decision.Replicas, Is.EqualTo(2));
        Assert.That(state, Is.EqualTo(begun));
    }

    [Test]
    public void A_gap_is_no_time_without_requests()
    {
        var service = new ServiceUnderTest(FromZero, replicas: 0);
        service.Load(60, requestsPerSecond: 8, serviceSeconds: 1);
        var before = service.Last.Replicas;

        service.Silence(1200);
        service.Load(5, requestsPerSecond: 8, serviceSeconds: 1);

        Assert.That(service.Last.Replicas, Is.EqualTo(before));
    }

    [Test]
    public void A_new_leader_gives_up_nothing_until_it_has_seen_enough()
    {
        var service = new ServiceUnderTest(FromZero with { Min = 1 }, replicas: 8);

        service.Load(595, requestsPerSecond: 4, serviceSeconds: 1);
        Assert.That(service.Decisions, Has.All.Property(nameof(ScaleDecision.Replicas)).EqualTo(8));

        service.Load(30, requestsPerSecond: 4, serviceSeconds: 1);
        Assert.That(service.Last.Replicas, Is.InRange(1, 3));
    }

    [Test]
    public void A_new_leader_lets_an_idle_service_go_to_zero_after_its_time_of_idleness()
    {
        var service = new ServiceUnderTest(FromZero, replicas: 8);

        service.Load(61, requestsPerSecond: 0, serviceSeconds: 1);

        Assert.That(service.Last.Replicas, Is.Zero);
    }

    [Test]
    public void More_than_max_is_asked_for_in_words_only()
    {
        var service = new ServiceUnderTest(FromZero with { Max = 3 }, replicas: 1);

        service.Load(60, requestsPerSecond: 40, serviceSeconds: 1);

        Assert.That(service.Last.Replicas, Is.EqualTo(3));
        Assert.That(service.Last.Why, Does.StartWith("scaling.max; "));
    }

    [Test]
    public void Starting_replicas_are_not_asked_for_again_and_again()
    {
        var service = new ServiceUnderTest(FromZero with { Min = 1, Max = 100 }, replicas: 1) { NeverReady = true };

        service.Load(300, requestsPerSecond: 12, serviceSeconds: 1);

        Assert.That(service.Decisions.Skip(20).Select(d => d.Replicas).Distinct().ToList(), Is.EqualTo(new[] { 4 }));
    }

    [Test]
    public void A_target_of_requests_per_second_is_kept()
    {
        var service = new ServiceUnderTest(FromZero with { Max = 100, Target = new(ScalingMeasure.RequestsPerSecond, 10) }, replicas: 1);

        service.Load(1200, requestsPerSecond: 95, serviceSeconds: 0.05);

        Assert.That(service.Last.Replicas, Is.EqualTo(10));
    }

    [Test]
    public void A_target_of_waiting_requests_brings_replicas_for_those_that_wait()
    {
        var settings = FromZero with { Min = 1, Max = 100, Target = new(ScalingMeasure.QueueDepth, 5) };

        var (_, decision) = Autoscaler.Decide(
            AutoscalerState.Begin(Start, 1), new() { Settings = settings, Sample = new() { InFlight = 4, Waiting = 78 }, Ready = 1 }, Start.AddSeconds(1));

        Assert.That(decision.Replicas, Is.EqualTo(21), "all 82 that are there would fill 20.5 replicas at once");
        Assert.That(Reason(settings with { Target = new(ScalingMeasure.QueueDepth, 2) }), Is.EqualTo(39), "2 of the 78 for each");
        int Reason(ScalingSettings other) => Autoscaler.Decide(
            AutoscalerState.Begin(Start, 1), new() { Settings = other, Sample = new() { InFlight = 4, Waiting = 78 }, Ready = 1 }, Start.AddSeconds(1)).Decision.Replicas;
    }

    [Test]
    public void Another_measure_begins_the_history_anew()
    {
        var service = new ServiceUnderTest(FromZero with { Min = 1, Max = 100 }, replicas: 1);
        service.Load(700, requestsPerSecond: 20, serviceSeconds: 1);
        var before = service.Last.Replicas;

        service.Settings = service.Settings with { Target = new(ScalingMeasure.RequestsPerSecond, 1000) };
        service.Load(300, requestsPerSecond: 20, serviceSeconds: 1);

        Assert.That(before, Is.GreaterThan(4));
        Assert.That(service.Last.Replicas, Is.EqualTo(before), "what 20 requests a second mean in the new measure is not yet known for long");
    }

    [Test]
    public void The_same_calls_give_the_same_answers()
    {
        ServiceUnderTest Run()
        {
            var service = new ServiceUnderTest(FromZero, replicas: 0);
            service.Load(100, requestsPerSecond: 7.3, serviceSeconds: 0.7);
            service.Silence(10);
            service.Load(100, requestsPerSecond: 31, serviceSeconds: 0.2);
            return service;
        }

        Assert.That(Run().Decisions, Is.EqualTo(Run().Decisions));
    }

    [Test]
    public void A_clock_that_goes_back_does_no_harm()
    {
        var input = new AutoscalerInput { Settings = FromZero, Sample = new() { InFlight = 9, Arrivals = 9 }, Ready = 2 };
        var (state, _) = Autoscaler.Decide(AutoscalerState.Begin(Start, 2), input, Start.AddSeconds(10));

        var (after, decision) = Autoscaler.Decide(state, input, Start);

        Assert.That(decision.Replicas, Is.InRange(2, 10));
        Assert.That(after.SampledAt, Is.EqualTo(Start.AddSeconds(10)));
    }
}
