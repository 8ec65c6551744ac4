using System.Text.Json;
using AiDc.Coordination.Values;
using AiDc.Trainer.Cli;
using AiDc.Trainer.Reporting;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Trainer.Tests.Cli;

internal sealed class LogTests
{
    private static readonly TrainingProgress Halfway = new(
        TrainingPhase.Training, 2, 4, 500, 1000, 0.25, new SortedDictionary<string, double> { ["accuracy"] = 0.9 }, 4321.06, 0.015, 0.001, TimeSpan.FromSeconds(75));

    [Test]
    public void Every_line_for_machines_is_one_JSON_object_with_time_level_and_event()
    {
        using var output = new StringWriter();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var log = new JsonLog(output, time, TimeSpan.FromSeconds(5));
        log.Report(new(TrainingPhase.Loading, 0, 4, 0, 0, double.NaN, new Dictionary<string, double>(), 0, 0, 0, null));
        log.Note(new("warning", "checkpoint-skipped", "two\nlines"));
        log.Report(Halfway);
        log.EpochEnded(new(1, 4, 250, 0.001, new Dictionary<string, double> { ["trainLoss"] = 0.5 }));
        log.CheckpointSaved(new(1, 500, "/c/g1-s500-a", 100, TimeSpan.FromSeconds(0.5)));
        log.Finished(new("/c/model", new Dictionary<string, double> { ["testAccuracy"] = 0.99 }));
        log.Failed(2, "wrong", "stack");
        log.Failed(143, "stopped by SIGTERM", null);

        var lines = output.ToString().TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.That(lines.Select(l => l.GetProperty("event").GetString()), Is.EqualTo(
            new[] { "phase", "checkpoint-skipped", "step", "epoch", "checkpoint", "result", "error-detail", "error", "stopped" }));
        Assert.That(lines.Select(l => l.GetProperty("level").GetString()), Is.EqualTo(
            new[] { "info", "warning", "info", "info", "info", "info", "error", "error", "info" }));
        Assert.That(lines.Select(l => l.GetProperty("at").GetString()), Has.All.EqualTo("2026-01-02T03:04:05.000Z"));
        Assert.That(lines[0].GetProperty("loss").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(lines[2].GetProperty("metrics").GetProperty("accuracy").GetDouble(), Is.EqualTo(0.9));
        Assert.That(lines[2].GetProperty("etaSeconds").GetDouble(), Is.EqualTo(75));
        Assert.That(lines[7].GetProperty("exitCode").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public void Steps_are_told_every_few_seconds_and_a_new_epoch_at_once()
    {
        using var output = new StringWriter();
        var time = new FakeTimeProvider();
        var log = new JsonLog(output, time, TimeSpan.FromSeconds(5));
        for (var step = 0; step < 20; step++)
        {
            log.Report(Halfway with { Step = step });
            time.Advance(TimeSpan.FromSeconds(1));
        }

        log.Report(Halfway with { Step = 20, Epoch = 3 });
        Assert.That(output.ToString().TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("step").GetInt64()), Is.EqualTo(new[] { 0L, 5, 10, 15, 20 }));
    }

    [Test]
    public void The_last_line_of_a_failure_fits_what_kubernetes_keeps()
    {
        using var output = new StringWriter();
        new JsonLog(output, new FakeTimeProvider(), TimeSpan.Zero).Failed(1, new string('x', 10_000), new string('y', 10_000));
        var last = output.ToString().TrimEnd().Split('\n')[^1];
        Assert.That(last, Has.Length.LessThan(2048).And.Contain("xxx"));
    }

    [Test]
    public void The_bar_shows_how_far_the_run_is_and_fits_the_terminal()
    {
        Assert.That(
            ProgressBar.Render(Halfway, 200),
            Is.EqualTo("████████████░░░░░░░░░░░░  50%  epoch 2/4  step 500/1000  loss 0.2500  accuracy 0.9000  4321 samples/s  eta 1m15s"));
        Assert.That(ProgressBar.Render(Halfway, 40), Has.Length.EqualTo(40));
        Assert.That(ProgressBar.Render(Halfway with { TotalSteps = 0 }, 80), Does.StartWith("░░░"));
    }

    [Test]
    public void A_line_on_the_terminal_goes_above_the_bar_which_stays()
    {
        using var output = new StringWriter();
        var log = new TerminalLog(output, output, 100);
        log.Report(Halfway);
        log.Note(new("warning", "x", "look out"));
        var written = output.ToString();
        Assert.That(written, Does.Contain("warning: look out" + Environment.NewLine + ProgressBar.Render(Halfway, 99)));
        log.Failed(3, "disk full", null);
        Assert.That(output.ToString(), Does.EndWith(Environment.NewLine + "error: disk full" + Environment.NewLine));
    }

    [TestCase("30s", 30)]
    [TestCase("1m30s", 90)]
    [TestCase("500ms", 0.5)]
    [TestCase("1.5h", 5400)]
    [TestCase("2d", 172800)]
    public void Durations_are_read_as_kubernetes_writes_them(string text, double seconds)
    {
        Assert.That(Duration.TryParse(text, out var duration));
        Assert.That(duration.TotalSeconds, Is.EqualTo(seconds));
    }

    [TestCase("")]
    [TestCase("30")]
    [TestCase("s")]
    [TestCase("-5s")]
    [TestCase("1h 5m")]
    [TestCase("99999999999999999999d")]
    public void What_is_no_duration_is_refused(string text) => Assert.That(Duration.TryParse(text, out _), Is.False);

    [TestCase(0.2, "1s")]
    [TestCase(59, "59s")]
    [TestCase(190, "3m10s")]
    [TestCase(7500, "2h05m")]
    public void Durations_are_told_as_precisely_as_a_person_cares(double seconds, string expected) =>
        Assert.That(Duration.Format(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));
}
