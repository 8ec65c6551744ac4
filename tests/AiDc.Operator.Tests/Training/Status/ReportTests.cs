using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Coordination;
using AiDc.Operator.Membership;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Status;

namespace AiDc.Operator.Tests.Training.Status;

public sealed class ReportTests
{
    private static readonly JobKey Key = new("team", "digits", "job-uid");

    [Test]
    public void The_sessions_of_a_large_gang_are_looked_through_a_few_times_and_not_once_for_each_worker()
    {
        const int size = 60;
        var pods = Enumerable.Range(0, size).Select(i => Given.Pod(i)).ToArray();
        var job = Given.BuiltIn(s => s with { Workers = new() { Replicas = size } }, s => s with
        {
            Attempt = 1,
            Membership = new() { Attempt = 1, Generation = 1, Members = [.. pods.Select(p => new MembershipMember { Index = p.Index, PodUid = p.Uid })] },
        });
        var sessions = new CountedSessions(
            [.. pods.Select(p => new MemberSession(p.Index, 1, p.Uid) { Standing = new(true, 1, true, true, 5, 1) })]);
        var view = new JobView(Given.Snapshot(job, pods) with { Gang = new() { Now = TimeSpan.Zero, Members = sessions } }, Given.Options, Given.Now);

        Assert.That(WorkersReport.Of(view)!.Ready, Is.EqualTo(size));
        Assert.That(sessions.Reads, Is.LessThanOrEqualTo(4 * size));
    }

    [Test]
    public void A_recovery_that_ended_before_it_began_by_the_clock_of_another_leader_took_no_time()
    {
        var before = Given.View(Given.Job(1, status: s => s with { Attempt = 2 }), Given.Pod(0, attempt: 2));
        var after = Given.Whole(before.Status, 1, attempt: 2) with
        {
            LastFailure = new() { Attempt = 1, DetectedAt = Given.Now.AddSeconds(3), ResumedAt = Given.Now },
        };

        Assert.That(LifeEvents.Between(before, null, after).Single(e => e.Reason == Reasons.Running).Note, Does.EndWith(", 0s after the failure"));
    }

    [Test]
    public void Progress_is_told_with_the_time_that_is_left()
    {
        var progress = Enter(new(Key, 1) { Training = Training(step: 100, stepSeconds: 0.5) }).Progress!;

        Assert.That((progress.Summary, progress.Eta, progress.Step, progress.TotalSteps), Is.EqualTo(("10% (1/3)", "7m30s", 100L, 1000L)));
    }

    [Test]
    public void The_time_that_is_left_comes_from_the_report_before_where_the_worker_does_not_tell_its_speed()
    {
        var before = new ProgressStatus { Step = 50, UpdatedAt = Given.Now.AddSeconds(-25) };

        Assert.That(Enter(new(Key, 1) { Training = Training(step: 100, stepSeconds: null) }, before).Progress!.Eta, Is.EqualTo("7m30s"));
    }

    [Test]
    public void What_an_earlier_attempt_reported_is_history()
    {
        var before = new ProgressStatus { Step = 70, Eta = "1m" };

        Assert.That(Enter(new(Key, 7) { Training = Training(step: 1, stepSeconds: 1) }, before).Progress!.Step, Is.EqualTo(70));
    }

    [Test]
    public void A_gang_that_does_not_run_has_no_speed_and_no_end_in_sight()
    {
        var job = Given.Job(1, status: s => Given.Whole(s, 1) with { Progress = new() { Step = 70, Eta = "1m", SamplesPerSecond = 9 } });

        Assert.That(ProgressReport.Enter(Given.View(job, Given.Starting()), job.Status).Progress, Is.EqualTo(new ProgressStatus { Step = 70 }));
    }

    [Test]
    public void The_first_step_of_all_is_kept()
    {
        var first = Enter(new(Key, 1) { FirstStepAt = Given.Now });
        var later = ProgressReport.Enter(
            new(Given.Snapshot(Given.Job(1)) with { Progress = new(Key, 0) { FirstStepAt = Given.Now.AddHours(1) } }, Given.Options, Given.Now), first);

        Assert.That((first.FirstStepTime, later.FirstStepTime), Is.EqualTo((Given.Now, Given.Now)));
    }

    [Test]
    public void A_checkpoint_is_told_by_where_others_find_it()
    {
        var checkpoint = Enter(new(Key, 1) { Checkpoint = new(1, 40, "/checkpoint/g1-s40-abc", 10, 0.1, Given.Now) }).Checkpoint;

        Assert.That(checkpoint, Is.EqualTo(new CheckpointStatus { Generation = 1, Step = 40, Uri = "pvc://models/digits/g1-s40-abc", At = Given.Now }));
    }

    [Test]
    public void The_result_comes_from_the_termination_message_of_worker_0()
    {
        var result = Result("""{"result":{"uri":"/checkpoint/model","metrics":{"testAccuracy":0.99,"note":"x"}}}""")!;

        Assert.That(result.Uri, Is.EqualTo("pvc://models/digits/model"));
        Assert.That(result.Metrics, Is.EquivalentTo(new Dictionary<string, double> { ["testAccuracy"] = 0.99 }));
    }

    [TestCase(null)]
    [TestCase("done")]
    [TestCase("[1,2]")]
    [TestCase("""{"result":7}""")]
    [TestCase("""{"other":{}}""")]
    public void A_message_that_tells_of_no_result_is_none(string? message) => Assert.That(Result(message), Is.Null);

    [Test]
    public void The_board_knows_the_result_too()
    {
        var snapshot = Given.Snapshot(Given.BuiltIn(status: s => Given.Whole(s, 1)), Given.Succeeded()) with
        {
            Progress = new(Key, 1) { Finished = new("/checkpoint/model", new Dictionary<string, double> { ["testAccuracy"] = 0.9 }, Given.Now) },
        };

        Assert.That(ResultReport.Of(new(snapshot, Given.Options, Given.Now))!.Uri, Is.EqualTo("pvc://models/digits/model"));
    }

    [Test]
    public void The_workers_that_do_not_run_are_listed_first_and_never_more_than_fit()
    {
        var job = Given.Job(40, status: s => s with { Attempt = 1 });
        var pods = Enumerable.Range(0, 40).Select(i => i is 7 or 35 ? Given.Pending(i) : Given.Pod(i)).ToArray();

        var workers = WorkersReport.Of(Given.View(job, pods))!;

        Assert.That((workers.Summary, workers.Members.Count), Is.EqualTo(("38/40", 32)));
        Assert.That(workers.Members.Take(3).Select(m => (m.Index, m.Phase)), Is.EqualTo(new[] { (7, "Pending"), (35, "Pending"), (0, "Running") }));
    }

    [Test]
    public void Members_are_not_listed_before_all_have_a_pod() =>
        Assert.That(WorkersReport.Of(Given.View(Given.Job(3, status: s => s with { Attempt = 1 }), Given.Pod(0), Given.Pod(1)))!.Members, Is.Empty);

    [TestCase("a\nb", 100, "a\nb")]
    [TestCase("one\ntwo\nthree\n", 9, "three")]
    [TestCase("abcdefghij", 4, "ghij")]
    [TestCase(" \n ", 4, null)]
    public void The_end_of_a_log_is_kept_by_whole_lines(string text, int limit, string? expected) => Assert.That(Words.Tail(text, limit), Is.EqualTo(expected));

    private static TrainingProgress Training(long step, double? stepSeconds) =>
        new() { Epoch = 1, Epochs = 3, Step = step, TotalSteps = 1000, StepSeconds = stepSeconds, UpdatedAt = Given.Now };

    private static TrainingJobStatus Enter(JobProgress progress, ProgressStatus? before = null)
    {
        var job = Given.BuiltIn(status: s => Given.Whole(s, 1) with { Progress = before });
        return ProgressReport.Enter(new(Given.Snapshot(job, Given.Pod()) with { Progress = progress }, Given.Options, Given.Now), job.Status);
    }

    private static ResultStatus? Result(string? message) =>
        ResultReport.Of(Given.View(Given.BuiltIn(status: s => Given.Whole(s, 1)), Given.Succeeded(message: message)));

    /// <summary>Counts how many of its items were read.</summary>
    private sealed class CountedSessions(IReadOnlyList<MemberSession> items) : IReadOnlyList<MemberSession>
    {
        public int Reads { get; private set; }

        public int Count => items.Count;

        public MemberSession this[int index]
        {
            get
            {
                Reads++;
                return items[index];
            }
        }

        public IEnumerator<MemberSession> GetEnumerator()
        {
            for (var i = 0; i < items.Count; i++) yield return this[i];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
