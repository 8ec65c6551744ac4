using AiDc.ControllerRuntime.Events;
using AiDc.Testing;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.ControllerRuntime.Tests;

[Category("Integration")]
public sealed class EventTests
{
    [Test]
    public async Task Events_that_repeat_become_one_with_a_count()
    {
        await using var runtime = await TestRuntime.StartAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var recorder = new EventRecorder(runtime.Client, "tests", "replica-1", clock, runtime.Metrics, NullLogger<EventRecorder>.Instance);
        using var stop = new CancellationTokenSource();
        var running = recorder.RunAsync(stop.Token);
        var map = await runtime.Direct.CreateAsync(runtime.Map("one"), default);

        for (var i = 0; i < 5; i++) recorder.Publish(map, EventType.Warning, "Failed", "Start", "the same words");
        recorder.Publish(map, EventType.Normal, "Started", "Start", "other words");
        await Eventually.Assert(async () => (await EventsAsync(runtime)).Count == 2);
        await stop.CancelAsync();
        await running;

        var failed = (await EventsAsync(runtime)).Single(e => e.Reason == "Failed");
        Assert.That((failed.Type, failed.Note, failed.Regarding.Uid, failed.ReportingController), Is.EqualTo(("Warning", "the same words", map.Metadata.Uid, "tests")));
        Assert.That(failed.Series.Count, Is.EqualTo(5), "what was counted is written at the end");
    }

    [Test]
    public async Task A_flood_of_different_notes_is_held_to_eleven_events()
    {
        await using var runtime = await TestRuntime.StartAsync();
        var recorder = new EventRecorder(
            runtime.Client, "tests", "replica-1", TimeProvider.System, runtime.Metrics, NullLogger<EventRecorder>.Instance);
        var map = await runtime.Direct.CreateAsync(runtime.Map("one"), default);
        for (var i = 0; i < 100; i++) recorder.Publish(map, EventType.Normal, "Progress", "Count", $"step {i}");
        await recorder.RunAsync(new CancellationToken(canceled: true));

        var events = await EventsAsync(runtime);
        Assert.That(events, Has.Count.EqualTo(SeriesTable.MaxNotes + 1));
        Assert.That(events.Sum(e => e.Series?.Count ?? 1), Is.EqualTo(100), "none is lost from the count");
    }

    [Test]
    public async Task A_server_that_refuses_events_disturbs_nobody()
    {
        await using var runtime = await TestRuntime.StartAsync();
        var map = await runtime.Direct.CreateAsync(runtime.Map("one"), default);
        var recorder = new EventRecorder(
            runtime.Client, "tests", "replica-1", TimeProvider.System, runtime.Metrics, NullLogger<EventRecorder>.Instance);
        runtime.Proxy.Next(r => r.Method == "POST", new Fault.Refusal(403, "Forbidden", "no"));
        recorder.Publish(map, EventType.Normal, "A", "A", "refused");
        recorder.Publish(map, EventType.Normal, "B", "B", "accepted");
        for (var i = 0; i < EventRecorder.Capacity - 2; i++) recorder.Publish(map, EventType.Normal, "B", "B", "accepted");
        await recorder.RunAsync(new CancellationToken(canceled: true));
        Assert.That((await EventsAsync(runtime)).Select(e => (e.Reason, e.Series?.Count)), Is.EqualTo([("B", (int?)(EventRecorder.Capacity - 1))]));
    }

    private static async Task<IReadOnlyList<Eventsv1Event>> EventsAsync(TestRuntime runtime) =>
        (await runtime.Direct.ListAsync<Eventsv1Event>(runtime.Namespace, null, default)).Items;
}
