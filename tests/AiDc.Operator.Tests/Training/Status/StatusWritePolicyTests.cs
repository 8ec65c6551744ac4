using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Status;

namespace AiDc.Operator.Tests.Training.Status;

public sealed class StatusWritePolicyTests
{
    private static readonly TrainingJob Job = Given.Job(4, status: s => Given.Whole(s, 4));

    [Test]
    public void Nothing_new_is_not_written() =>
        Assert.That(In(s => s with { Conditions = [.. s.Conditions], Workers = s.Workers! with { Members = [.. s.Workers.Members] } }, 100, 100), Is.Null);

    [Test]
    public void A_transition_is_written_at_once() =>
        Assert.That(In(s => s with { Phase = TrainingJobPhase.Failed }, 0.01, 0.01), Is.EqualTo(TimeSpan.Zero));

    [TestCase(0.25, 0.75)]
    [TestCase(1, 0)]
    public void Counts_are_gathered_for_a_second(double sinceWrite, double wait) =>
        Assert.That(In(s => s with { Workers = s.Workers! with { Ready = 3 }, Message = "3 of 4" }, sinceWrite, 100), Is.EqualTo(TimeSpan.FromSeconds(wait)));

    [TestCase(0.5, 4.5)]
    [TestCase(5, 0)]
    public void Progress_is_gathered_for_five(double sinceProgress, double wait) =>
        Assert.That(In(s => s with { Progress = new() { Step = 9 } }, 100, sinceProgress), Is.EqualTo(TimeSpan.FromSeconds(wait)));

    [Test]
    public void The_first_step_is_a_transition() =>
        Assert.That(In(s => s with { FirstStepTime = Given.Now, Progress = new() { Step = 1 } }, 0.1, 0.1), Is.EqualTo(TimeSpan.Zero));

    [Test]
    public void What_this_process_has_not_written_yet_it_writes_at_once() =>
        Assert.That(StatusWritePolicy.WriteIn(Given.View(Job), Job.Status with { Progress = new() { Step = 9 } }), Is.EqualTo(TimeSpan.Zero));

    private static TimeSpan? In(Func<TrainingJobStatus, TrainingJobStatus> change, double sinceWrite, double sinceProgress)
    {
        var snapshot = new TrainingJobSnapshot(Job, [], LastWrite: Given.Now.AddSeconds(-sinceWrite), LastProgressWrite: Given.Now.AddSeconds(-sinceProgress));
        return StatusWritePolicy.WriteIn(new(snapshot, Given.Options, Given.Now), change(Job.Status));
    }
}
