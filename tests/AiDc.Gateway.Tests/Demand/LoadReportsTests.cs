using AiDc.Gateway.Demand;
using AiDc.Serving.V1;

namespace AiDc.Gateway.Tests.Demand;

public sealed class LoadReportsTests
{
    [Test]
    public void Ten_thousand_services_are_told_in_parts_that_any_receiver_takes_and_then_only_what_changes()
    {
        var reports = new LoadReports(changes: true);
        var all = Enumerable.Range(0, 10_000).Select(i => Service(i, 1)).ToList();

        var first = reports.Next(Of(all));
        Assert.That(first, Has.Count.GreaterThan(5));
        Assert.That(first.Select(p => p.CalculateSize()), Is.All.LessThan(100 * 1024));
        Assert.That(first.SelectMany(p => p.Services).Select(s => s.Service), Is.EqualTo(all.Select(s => s.Service)));
        Assert.That(first.Select(p => p.Changes), Is.All.False);
        Assert.That(first.Select(p => p.More), Is.EqualTo(first.Select((_, i) => i < first.Count - 1)));

        all[7] = Service(7, 2);
        all.RemoveAt(3);
        var second = reports.Next(Of(all)).Single();
        Assert.That((second.Changes, second.More), Is.EqualTo((true, false)));
        Assert.That(second.Services.Select(s => s.ArrivalsTotal), Is.EqualTo(new[] { 2ul }));
        Assert.That(second.Gone, Is.EqualTo(new[] { "ns/model-3" }));
        Assert.That(reports.Next(Of(all)).Single(), Is.EqualTo(new Load { Changes = true }), "that nothing changed is told too");
    }

    [Test]
    public void What_cannot_be_reached_is_told_each_time()
    {
        var reports = new LoadReports(changes: true);
        var load = new Load { Unreachable = { "ns/pod-1" } };

        Assert.That(reports.Next(load).Single().Unreachable, Is.EqualTo(new[] { "ns/pod-1" }));
        Assert.That(reports.Next(load).Single().Unreachable, Is.EqualTo(new[] { "ns/pod-1" }));
    }

    [Test]
    public void An_operator_of_the_version_before_is_told_all_of_it_each_time()
    {
        var reports = new LoadReports(changes: false);
        var load = Of([Service(1, 1), Service(2, 1)]);

        Assert.That(reports.Next(load).Single(), Is.EqualTo(load));
        Assert.That(reports.Next(load).Single(), Is.EqualTo(load));
    }

    private static Load Of(IEnumerable<ServiceLoad> services)
    {
        var load = new Load();
        load.Services.AddRange(services);
        return load;
    }

    private static ServiceLoad Service(int index, ulong arrivals) => new()
    {
        Service = $"ns/model-{index}", ArrivalsTotal = arrivals, Revisions = { new RevisionLoad { Revision = $"model-{index}-a", LatencyBuckets = { Enumerable.Repeat(1ul, 16) } } },
    };
}
