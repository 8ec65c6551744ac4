using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Tests.Training.Status;

/// <summary>kubectl wait takes no condition that speaks of an earlier generation than the object has.</summary>
public sealed class ObservedGenerationTests
{
    [Test]
    public void After_an_edit_of_a_finished_job_its_conditions_speak_of_the_edit()
    {
        var world = new World(Given.Job(1)).Settle().RunAll().End(0, 0);
        var before = world.Status.Conditions.ToDictionary(c => c.Type, c => c.LastTransitionTime);

        world.Sleep(TimeSpan.FromMinutes(1));
        world.Edit(s => s with { TtlAfterFinished = "1h" });

        Assert.That(world.Status.Conditions, Is.Not.Empty.And.All.Property("ObservedGeneration").EqualTo(2));
        Assert.That(world.Status.Conditions.ToDictionary(c => c.Type, c => c.LastTransitionTime), Is.EqualTo(before), "nothing has turned");
    }

    [Test]
    public void So_do_those_of_a_failed_job_a_suspended_one_and_one_that_runs()
    {
        Func<TrainingJobSpec, TrainingJobSpec> edit = s => s with { TtlAfterFinished = "1h" };
        var failed = new World(Given.Job(1, s => s with { Failure = s.Failure with { MaxRestarts = 0 } })).Settle().RunAll().End(0, 1).Edit(edit);
        var suspended = new World(Given.Job(1, s => s with { Suspend = true })).Settle().Edit(edit);
        var runs = new World(Given.Job(1)).Settle().Edit(s => s with { Suspend = true }).Edit(s => s with { Suspend = false }).RunAll().Edit(edit);

        foreach (var world in (World[])[failed, suspended, runs])
            Assert.That(world.Status.Conditions, Is.Not.Empty.And.All.Property("ObservedGeneration").EqualTo(world.Job.Metadata.Generation));
        Assert.That(failed.Status.Phase, Is.EqualTo(TrainingJobPhase.Failed));
    }
}
