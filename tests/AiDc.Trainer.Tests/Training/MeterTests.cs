using System.Text.Json;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Training;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Trainer.Tests.Training;

internal sealed class MeterTests
{
    [Test]
    public void The_first_step_has_a_figure_of_its_own_and_no_part_in_the_speed()
    {
        var time = new FakeTimeProvider();
        var meter = new TrainingMeter(time, time.GetUtcNow());
        time.Advance(TimeSpan.FromSeconds(3));
        meter.Resume();
        time.Advance(TimeSpan.FromSeconds(2));
        meter.AfterStep(10, 1, TimeSpan.FromSeconds(1), 5);
        for (var step = 0; step < 4; step++)
        {
            time.Advance(TimeSpan.FromSeconds(0.5));
            meter.AfterStep(10, 2, TimeSpan.FromSeconds(0.1), 5);
        }

        meter.Pause();
        time.Advance(TimeSpan.FromHours(1));
        var figures = meter.Figures(threads: 2, peakMemoryMiB: 100);
        Assert.That(figures.FirstStepSeconds, Is.EqualTo(5));
        Assert.That(figures.SamplesPerSecond, Is.EqualTo(20).Within(1e-9));
        Assert.That(figures.StepSeconds, Is.EqualTo(0.5).Within(1e-9));
        Assert.That(figures.DataWaitShare, Is.EqualTo(0.2).Within(1e-9));
        Assert.That(figures.Steps, Is.EqualTo(5));
    }

    [Test]
    public void A_report_covers_what_happened_since_the_one_before()
    {
        var time = new FakeTimeProvider();
        var meter = new TrainingMeter(time, time.GetUtcNow());
        meter.Resume();
        meter.AfterStep(10, 8, TimeSpan.Zero, 5);
        Assert.That(meter.TakeReport(), Is.EqualTo(new MeterReport(8, 0, 0, 0, null)), "no speed can be told of a first step");
        foreach (var loss in new[] { 2.0, 4.0 })
        {
            time.Advance(TimeSpan.FromSeconds(1));
            meter.AfterStep(10, loss, TimeSpan.Zero, 5);
        }

        Assert.That(meter.TakeReport(), Is.EqualTo(new MeterReport(3, 10, 1, 1, null)));
        Assert.That(meter.TakeReport().Loss, Is.NaN);
    }

    [Test]
    public void Growth_of_live_tensors_is_seen_over_a_thousand_steps_and_a_full_queue_is_not_growth()
    {
        var steady = new LiveTensorGauge();
        var leaking = new LiveTensorGauge();
        for (var step = 0; step < 1150; step++)
        {
            steady.AfterStep(100 + step % 3);
            leaking.AfterStep(100 + step);
            Assert.That(steady.Growth is null, Is.EqualTo(step < 1149));
        }

        Assert.That(steady.Growth, Is.Zero);
        Assert.That(leaking.Growth, Is.EqualTo(1000));
    }

    [Test]
    public void The_termination_message_never_grows_beyond_what_kubernetes_keeps()
    {
        var metrics = Enumerable.Range(0, 500).ToDictionary(i => $"metric{i:000}", i => i + 1.0 / 3);
        metrics["a"] = 0.5;
        metrics["nan"] = double.NaN;
        var message = TerminationMessage.Render(new("/checkpoint/model", metrics));
        Assert.That(message, Has.Length.LessThanOrEqualTo(4000));
        using var json = JsonDocument.Parse(message);
        Assert.That(json.RootElement.GetProperty("result").GetProperty("metrics").GetProperty("a").GetDouble(), Is.EqualTo(0.5));
    }
}
