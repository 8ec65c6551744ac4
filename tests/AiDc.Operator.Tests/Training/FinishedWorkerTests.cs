using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Tests.Training;

/// <summary>What a worker has done stays done, whatever becomes of its pod and of the other containers in it.</summary>
public sealed class FinishedWorkerTests
{
    [Test]
    public void A_finished_worker_whose_pod_is_removed_is_not_run_again()
    {
        var world = new World(Given.Job(3)).Settle().RunAll().End(0, 0);
        Assert.That(world.Status.Workers!.CompletedIndexes, Is.EqualTo("0"));

        world.Remove(0);
        Assert.That((world.Status.Phase, world.Status.Attempt, world.Created.Count), Is.EqualTo((TrainingJobPhase.Running, 1, 3)));

        world.End(1, 0).Remove(1).End(2, 0);
        Assert.That((world.Status.Phase, world.Status.Attempt, world.Status.Restarts), Is.EqualTo((TrainingJobPhase.Succeeded, 1, 0)));
        Assert.That(world.Status.Workers!.CompletedIndexes, Is.EqualTo("0-2"));
    }

    [Test]
    public void A_worker_that_finished_before_the_others_had_pods_is_not_run_again()
    {
        var job = Given.Job(2, status: s => s with { Attempt = 1, Workers = new() { Attempt = 1, Desired = 2, CompletedIndexes = "0" } });

        Assert.That(Operator.Training.Policies.CreationPolicy.Decide(Given.View(job)).Create, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void The_result_of_worker_0_is_kept_when_its_pod_goes_before_the_job_is_done()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().End(0, 0, """{"result":{"metrics":{"accuracy":0.9}}}""").Remove(0).End(1, 0);

        Assert.That(world.Status.Phase, Is.EqualTo(TrainingJobPhase.Succeeded));
        Assert.That(world.Status.Result!.Metrics!["accuracy"], Is.EqualTo(0.9));
    }

    [Test]
    public void Another_attempt_does_the_work_of_all_again_and_has_no_result_yet()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().End(0, 0, """{"result":{"metrics":{"accuracy":0.9}}}""").End(1, 1);

        Assert.That((world.Status.Attempt, world.Status.Result, world.Status.Workers?.CompletedIndexes), Is.EqualTo((2, (ResultStatus?)null, (string?)null)));
        world.FinishDeletions().Pass(TimeSpan.FromSeconds(2));
        Assert.That(world.Created.TakeLast(2), Is.EqualTo(new[] { "digits-worker-0-2", "digits-worker-1-2" }));
    }

    [Test]
    public void After_a_success_pods_that_go_change_nothing()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().End(0, 0, """{"result":{"uri":"x"}}""").End(1, 0);

        world.Remove(0).Remove(1);
        Assert.That((world.Status.Phase, world.Status.Result!.Uri, world.Created.Count), Is.EqualTo((TrainingJobPhase.Succeeded, "x", 2)));
    }

    [Test]
    public void A_node_that_is_lost_with_a_worker_that_had_finished_restarts_nobody()
    {
        var world = new World(Given.Job(2)).Settle().RunAll()
            .Show(0, PodPhase.Running, new("trainer", false, ContainerPhase.Terminated, "Completed", null, 0, Given.Now), new("proxy", false, ContainerPhase.Running));

        world.Nodes["node-0"] = new("node-0") { DeadFor = TimeSpan.FromSeconds(41) };
        world.Settle();
        Assert.That((world.Status.Attempt, world.Status.Phase), Is.EqualTo((1, TrainingJobPhase.Running)));
    }

    [Test]
    public void A_sidecar_that_fails_fails_no_job_whose_worker_ended_well()
    {
        var world = new World(Given.Job(1)).Settle().RunAll()
            .Show(0, PodPhase.Running, new("proxy", false, ContainerPhase.Terminated, "Error", null, 1, Given.Now), new("trainer", false, ContainerPhase.Running));
        Assert.That(world.Status.Phase, Is.EqualTo(TrainingJobPhase.Running));

        world.Show(0, PodPhase.Failed,
            new("proxy", false, ContainerPhase.Terminated, "Error", null, 1, Given.Now), new("trainer", false, ContainerPhase.Terminated, "Completed", null, 0, Given.Now));
        Assert.That((world.Status.Phase, world.Status.Restarts), Is.EqualTo((TrainingJobPhase.Succeeded, 0)));
    }

    [Test]
    public void A_worker_that_ended_with_0_because_its_pod_was_evicted_has_not_succeeded()
    {
        ObservedContainer[] containers = [new("trainer", false, ContainerPhase.Terminated, "Completed", null, 0, Given.Now)];

        Assert.That(Worker.Of(0, Given.Pod(phase: PodPhase.Failed, reason: "Evicted", containers: containers), "trainer").State, Is.EqualTo(WorkerState.Failed));
        Assert.That(Worker.Of(0, Given.Pod(phase: PodPhase.Failed, disruption: new("DeletionByTaintManager", null), containers: containers), "trainer").State,
            Is.EqualTo(WorkerState.Failed));
        Assert.That(Worker.Of(0, Given.Pod(phase: PodPhase.Failed, containers: containers), "trainer").State, Is.EqualTo(WorkerState.Succeeded));
    }

    [Test]
    public void A_container_that_failed_in_place_of_the_worker_is_named_with_its_log()
    {
        var world = new World(Given.Job(1)).Settle().RunAll()
            .Show(0, PodPhase.Failed, new ObservedContainer("proxy", false, ContainerPhase.Terminated, "Error", "no route\n", 7, Given.Now));

        Assert.That(world.Status.LastFailure, Has.Property("ExitCode").EqualTo(7)
            .And.Property("Message").EqualTo("worker 0 on node node-0 failed with exit code 7 in container proxy").And.Property("LogTail").EqualTo("no route"));
    }

    [TestCase(new[] { 0, 1, 2, 5 }, "0-2,5")]
    [TestCase(new[] { 7, 3, 4 }, "3-4,7")]
    [TestCase(new[] { 999 }, "999")]
    public void Indexes_are_written_as_ranges_and_read_again(int[] indexes, string text)
    {
        Assert.That(IndexRanges.Format(indexes), Is.EqualTo(text));
        Assert.That(IndexRanges.Parse(text), Is.EquivalentTo(indexes));
    }

    [Test]
    public void No_index_is_no_text() => Assert.That(IndexRanges.Format([]), Is.Null);

    [TestCase("x", new int[0])]
    [TestCase("-3", new int[0])]
    [TestCase("1-2-3,4", new[] { 4 })]
    [TestCase("998-99999999", new[] { 998, 999 })]
    public void What_is_no_range_of_workers_is_left_out(string text, int[] indexes) => Assert.That(IndexRanges.Parse(text), Is.EquivalentTo(indexes));
}
