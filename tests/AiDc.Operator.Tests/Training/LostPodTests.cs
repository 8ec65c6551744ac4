using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Training;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training;

/// <summary>Pods that hang in deletion because no kubelet will ever say that they have ended.</summary>
public sealed class LostPodTests
{
    private static readonly Dictionary<string, NodeView> Nodes = new()
    {
        ["dead"] = new("dead") { DeadFor = TimeSpan.FromSeconds(41) },
        ["good"] = new("good"),
    };

    [Test]
    public void A_job_that_is_deleted_in_the_foreground_does_not_hang_on_a_dead_node()
    {
        var job = Given.Job(2, status: s => Given.Whole(s, 2));
        job.Metadata.DeletionTimestamp = Given.Now.UtcDateTime;
        var snapshot = Given.Snapshot(job, Deleted(0, "dead"), Deleted(1, "good"), Given.Pod(2, node: "dead")) with { Nodes = Nodes };

        var plan = TrainingJobPlanner.Plan(snapshot, Given.Options, Given.Now);

        Assert.That(plan.Steps, Is.EqualTo(new[] { new DeletePod("digits-worker-0-1", "pod-0-1", "node dead is lost", Force: true) }));
        Assert.That(plan.Status, Is.Null);
    }

    [Test]
    public void So_do_pods_of_a_job_that_is_gone() =>
        Assert.That(LostPodPolicy.Decide([Deleted(0, "dead"), Deleted(1, "good"), Deleted(2, "unknown"), Given.Pod(3, node: "dead")], Nodes).Select(d => (d.Name, d.Force)),
            Is.EqualTo(new[] { ("digits-worker-0-1", true) }));

    [Test]
    public void A_new_job_of_the_old_name_waits_for_the_old_pods_and_no_longer()
    {
        var old = Given.Pod(0, node: "good", deletedAt: Given.Now.AddSeconds(30));
        var snapshot = Given.Snapshot(Given.Job(2, status: s => s with { Attempt = 1 })) with { LeftBehind = [old], Nodes = Nodes };

        var waits = CreationPolicy.Decide(new(snapshot, Given.Options, Given.Now));
        Assert.That((waits.Create.Count, waits.WaitsFor), Is.EqualTo((0, "pod digits-worker-0-1 exists and belongs to a deleted job of this name: waiting for it to end on node good")));

        var gone = CreationPolicy.Decide(new(snapshot with { LeftBehind = [] }, Given.Options, Given.Now));
        Assert.That(gone.Create, Is.EqualTo(new[] { 0, 1 }), "the deletion of the pod wakes the job: there is no back-off to wait for");
    }

    [Test]
    public void A_new_job_of_the_old_name_takes_the_old_pods_off_a_dead_node()
    {
        var snapshot = Given.Snapshot(Given.Job(1, status: s => s with { Attempt = 1 })) with { LeftBehind = [Deleted(0, "dead")], Nodes = Nodes };

        Assert.That(TrainingJobPlanner.Plan(snapshot, Given.Options, Given.Now).Steps, Is.EqualTo(new[] { new DeletePod("digits-worker-0-1", "pod-0-1", "node dead is lost", Force: true) }));
    }

    [Test]
    public void Old_pods_with_other_names_hinder_nobody()
    {
        var snapshot = Given.Snapshot(Given.Job(1, status: s => s with { Attempt = 1 })) with { LeftBehind = [Given.Pod(0, attempt: 7)], Nodes = Nodes };

        Assert.That(CreationPolicy.Decide(new(snapshot, Given.Options, Given.Now)).Create, Is.EqualTo(new[] { 0 }));
    }

    private static ObservedPod Deleted(int index, string node) => Given.Pod(index, node: node, deletedAt: Given.Now.AddSeconds(-1));
}
