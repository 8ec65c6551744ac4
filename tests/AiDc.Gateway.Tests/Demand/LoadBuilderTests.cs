using AiDc.Gateway.Demand;
using AiDc.Gateway.Routing;

namespace AiDc.Gateway.Tests.Demand;

public sealed class LoadBuilderTests
{
    [Test]
    public void Everything_that_the_operator_reckons_with_is_told()
    {
        var load = LoadBuilder.Build([(new("a", "mnist"), new DispatcherLoad(
            9, 2, 0, [
                new()
                {
                    Revision = "mnist-1", InFlight = 3, ArrivalsTotal = 7, CompletedTotal = 4, ErrorsTotal = 1, ServiceSecondsTotal = 0.5, LatencyBuckets = { 0, 1, 4 },
                    RetriedTotal = 2, LeftTotal = 1, LeftSecondsTotal = 0.25, LogMicrosecondsTotal = 46,
                },
            ], [new("a", "pod-1")]))]);

        var service = load.Services.Single();
        Assert.That((service.Service, service.ArrivalsTotal, service.Held, service.Queued), Is.EqualTo(("a/mnist", 9ul, 2u, 0u)));
        var revision = service.Revisions.Single();
        Assert.That(
            (revision.Revision, revision.InFlight, revision.ArrivalsTotal, revision.CompletedTotal, revision.ErrorsTotal, revision.ServiceSecondsTotal),
            Is.EqualTo(("mnist-1", 3u, 7ul, 4ul, 1ul, 0.5)));
        Assert.That((revision.RetriedTotal, revision.LeftTotal, revision.LeftSecondsTotal, revision.LogMicrosecondsTotal), Is.EqualTo((2ul, 1ul, 0.25, 46.0)));
        Assert.That(revision.LatencyBuckets, Is.EqualTo(new ulong[] { 0, 1, 4 }));
        Assert.That(load.Unreachable, Is.EqualTo(new[] { "a/pod-1" }));
    }

    [Test]
    public void A_service_without_traffic_is_left_out_but_not_its_lost_replicas()
    {
        var load = LoadBuilder.Build([(new("a", "quiet"), new DispatcherLoad(0, 0, 0, [], [new("a", "pod-2")]))]);

        Assert.That(load.Services, Is.Empty);
        Assert.That(load.Unreachable, Is.EqualTo(new[] { "a/pod-2" }));
    }

    [Test]
    public void Latencies_are_counted_up_to_their_bounds()
    {
        var counters = new RevisionCounters();
        foreach (var seconds in new[] { 0.0005, 0.001, 0.0011, 0.3, 60, 61 }) counters.Complete(seconds, error: seconds > 60);

        var read = counters.Read("mnist-1", 0);

        var cumulative = read.LatencyBuckets;
        Assert.That(cumulative, Has.Count.EqualTo(16));
        Assert.That((cumulative[0], cumulative[1], cumulative[8], cumulative[14], cumulative[15]), Is.EqualTo((2ul, 3ul, 4ul, 5ul, 6ul)));
        Assert.That((read.CompletedTotal, read.ErrorsTotal), Is.EqualTo((6ul, 1ul)));
    }
}
