using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training.Policies;

public sealed class ActiveDeadlinePolicyTests
{
    [Test]
    public void A_job_that_takes_too_long_fails()
    {
        var verdict = ActiveDeadlinePolicy.Decide(View("2h", activeFor: TimeSpan.FromHours(2)))!;

        Assert.That((verdict.Success, verdict.Reason), Is.EqualTo((false, Reasons.DeadlineExceeded)));
        Assert.That(verdict.Message, Does.Contain("spec.activeDeadline (2h)"));
    }

    [Test]
    public void Before_that_it_does_not() =>
        Assert.That(ActiveDeadlinePolicy.Remaining(View("2h", activeFor: TimeSpan.FromMinutes(30))), Is.EqualTo(TimeSpan.FromMinutes(90)));

    [Test]
    public void What_was_used_before_a_suspension_counts() =>
        Assert.That(ActiveDeadlinePolicy.Decide(View("2h", TimeSpan.FromMinutes(61), before: "1h")), Is.Not.Null);

    [Test]
    public void The_clock_stands_still_while_suspended()
    {
        var job = Given.Job(spec: s => s with { ActiveDeadline = "1h" }, status: s => s with { Attempt = 1, RunningTime = "59m", StartTime = Given.Now.AddDays(-3) });

        Assert.That(ActiveDeadlinePolicy.Decide(Given.View(job)), Is.Null);
        Assert.That(ActiveDeadlinePolicy.Remaining(Given.View(job)), Is.Null);
    }

    [Test]
    public void Without_a_deadline_there_is_none() =>
        Assert.That(ActiveDeadlinePolicy.Decide(View(null, TimeSpan.FromDays(1000))), Is.Null);

    private static Operator.Training.Jobs.JobView View(string? deadline, TimeSpan activeFor, string? before = null)
    {
        TrainingJobStatus Status(TrainingJobStatus s) => s with { Attempt = 1, ActiveSince = Given.Now - activeFor, RunningTime = before };
        return Given.View(Given.Job(spec: s => s with { ActiveDeadline = deadline }, status: Status));
    }
}
