using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training.Policies;

public sealed class TtlAfterFinishedPolicyTests
{
    [TestCase(TrainingJobPhase.Succeeded, "1h", 60, true)]
    [TestCase(TrainingJobPhase.Failed, "1h", 60, true)]
    [TestCase(TrainingJobPhase.Failed, "0s", 0, true)]
    [TestCase(TrainingJobPhase.Succeeded, "1h", 59, false)]
    [TestCase(TrainingJobPhase.Succeeded, null, 1_000_000, false)]
    [TestCase(TrainingJobPhase.Running, "1h", 1_000_000, false)]
    public void A_finished_job_is_deleted_after_its_time(string phase, string? ttl, int minutesAgo, bool expires)
    {
        var job = Given.Job(spec: s => s with { TtlAfterFinished = ttl }, status: s => s with
        {
            Phase = phase,
            CompletionTime = phase == TrainingJobPhase.Running ? null : Given.Now.AddMinutes(-minutesAgo),
        });

        Assert.That(TtlAfterFinishedPolicy.Decide(Given.View(job)) is not null, Is.EqualTo(expires));
    }

    [Test]
    public void The_remaining_time_is_known()
    {
        var job = Given.Job(spec: s => s with { TtlAfterFinished = "7d" }, status: s => s with { Phase = TrainingJobPhase.Failed, CompletionTime = Given.Now.AddDays(-1) });

        Assert.That(TtlAfterFinishedPolicy.Remaining(Given.View(job)), Is.EqualTo(TimeSpan.FromDays(6)));
    }
}
