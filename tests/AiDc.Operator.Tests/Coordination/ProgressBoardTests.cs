using AiDc.Operator.Coordination;
using AiDc.Operator.Coordination.Board;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Coordination;

public sealed class ProgressBoardTests : IDisposable
{
    private static readonly JobKey Job = new("team", "digits", "uid");

    private readonly FakeTimeProvider clock = new();
    private readonly List<JobKey> changes = [];
    private ProgressBoard board = null!;

    [SetUp]
    public void SetUp()
    {
        board = new ProgressBoard(clock);
        board.Changed += changes.Add;
        changes.Clear();
    }

    [TearDown]
    public void Dispose() => board.Dispose();

    [Test]
    public void Ordinary_progress_is_announced_every_five_seconds_and_the_last_of_it_is_never_lost()
    {
        Step(1);
        changes.Clear();
        for (var step = 2; step <= 100; step++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            Step(step);
        }
        Assert.That(changes, Has.Count.EqualTo(1), "9.9 s");

        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(changes, Has.Count.EqualTo(2));
        Assert.That(board.Get("uid")!.Training!.Step, Is.EqualTo(100));

        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.That(changes, Has.Count.EqualTo(2), "silence is no news");
    }

    [Test]
    public void The_first_step_a_checkpoint_and_the_finish_are_announced_at_once()
    {
        Record(p => ProgressRules.Report(p, Report(0) with { StepDone = false }));
        changes.Clear();

        Step(1);
        Record(p => ProgressRules.Saved(p, new(1, 1, "/c", 1, 1, clock.GetUtcNow())));
        Record(p => ProgressRules.Finish(p, new("/m", TrainingProgress.NoMetrics, clock.GetUtcNow())));

        Assert.That(changes, Is.EqualTo(new[] { Job, Job, Job }));
    }

    [Test]
    public void A_checkpoint_told_twice_is_announced_once()
    {
        var saved = new SavedCheckpoint(1, 5, "/c", 1, 1, clock.GetUtcNow());
        Record(p => ProgressRules.Saved(p, saved));
        Record(p => ProgressRules.Saved(p, saved with { At = clock.GetUtcNow().AddSeconds(1) }));

        Assert.That(changes, Has.Count.EqualTo(1));
        Assert.That(board.Get("uid")!.Checkpoint, Is.EqualTo(saved));
    }

    [Test]
    public void A_heartbeat_alone_is_no_news_after_the_first()
    {
        Record(p => ProgressRules.Heartbeat(p, 0, TrainerPhase.Training));
        changes.Clear();
        clock.Advance(TimeSpan.FromSeconds(30));
        Record(p => ProgressRules.Heartbeat(p, 0, TrainerPhase.Training));

        Assert.That(changes, Is.Empty);
        Assert.That(board.Get("uid")!.LastHeardAt, Is.EqualTo(clock.GetUtcNow()));
    }

    [Test]
    public void A_new_attempt_starts_an_empty_page_and_the_old_one_is_not_heard_any_more()
    {
        Step(50, attempt: 1);
        Step(1, attempt: 2);

        Assert.That(board.Record(Worker(1), p => ProgressRules.Report(p, Report(51))), Is.False);
        Assert.That((board.Get("uid")!.Attempt, board.Get("uid")!.Training!.Step), Is.EqualTo((2, (long?)1)));
        Assert.That(changes, Has.Count.EqualTo(2), "the first step of each attempt");
    }

    [Test]
    public void The_lowest_worker_heard_speaks_for_the_gang()
    {
        Step(3, index: 2);
        Assert.That(board.Get("uid")!.Training!.Step, Is.EqualTo(3));

        Step(4, index: 0);
        Step(99, index: 2);

        Assert.That(board.Get("uid")!.Training!.Step, Is.EqualTo(4));
    }

    [Test]
    public void A_forgotten_job_is_gone_and_its_timer_with_it()
    {
        Step(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        Step(2);
        changes.Clear();

        board.Forget("uid");
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.That(board.Get("uid"), Is.Null);
        Assert.That(changes, Is.Empty);
    }

    [Test]
    public void Throughput_and_the_oldest_checkpoint_count_only_jobs_that_run()
    {
        var now = clock.GetUtcNow();
        JobProgress Running(string name, double speed, double age) => new(new("n", name, name), 1)
        {
            LastHeardAt = now, FirstStepAt = now.AddSeconds(-age), Training = new TrainingProgress { SamplesPerSecond = speed },
        };
        var jobs = new[]
        {
            Running("a", 100, 30), Running("b", 50, 90) with { Checkpoint = new(1, 1, "", 0, 0, now.AddSeconds(-10)) },
            Running("silent", 1000, 500) with { LastHeardAt = now.AddMinutes(-2) },
            Running("done", 1000, 500) with { Finished = new("", TrainingProgress.NoMetrics, now) },
        };

        Assert.That(CoordinationMetrics.SamplesPerSecond(jobs, now), Is.EqualTo(150));
        Assert.That(CoordinationMetrics.OldestCheckpoint(jobs, now), Is.EqualTo(30));
    }

    private static WorkerIdentity Worker(int attempt, int index = 0) => new(Job, attempt, index, "pod", "pod-uid");

    private TrainingProgress Report(long step, int index = 0) => new() { Step = step, StepDone = true, WorkerIndex = index, UpdatedAt = clock.GetUtcNow() };

    private void Step(long step, int attempt = 1, int index = 0) =>
        Assert.That(board.Record(Worker(attempt, index), p => ProgressRules.Report(p, Report(step, index))), Is.True);

    private void Record(Func<JobProgress, JobProgress> rule) => board.Record(Worker(1), rule);
}
