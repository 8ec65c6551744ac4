using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class LostReplicaTests
{
    [Test]
    public void A_replica_that_no_gateway_reaches_gets_another_one_and_is_not_deleted()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 3 } }).Settle();
        var pod = scene.Pods[0].Name;

        scene.Unreachable(pod).Reconcile();

        Assert.That(scene.Replicas(scene.Status.Stable!), Is.EqualTo(4));
        Assert.That((scene.Status.Replicas!.Ready, scene.Status.Replicas.Desired), Is.EqualTo((2, 3)));
        Assert.That(scene.Pods.Select(p => p.Name), Does.Contain(pod));
    }

    [Test]
    public void When_it_is_reached_again_the_other_is_given_up()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 3 } }).Settle();
        scene.Unreachable(scene.Pods[0].Name).Reconcile();

        scene.Unreachable().Settle();

        Assert.That((scene.Replicas(scene.Status.Stable!), scene.Status.Phase), Is.EqualTo((3, InferenceServicePhase.Ready)));
    }

    [Test]
    public void The_pods_of_a_lost_node_are_taken_from_the_API_at_once()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 2 } }).Settle();
        var pod = scene.Pods[0];

        scene.Later(TimeSpan.FromMinutes(1)).Node(pod.Spec.NodeName!, lost: true).Reconcile();

        Assert.That(scene.Pods.Select(p => p.Name), Does.Not.Contain(pod.Name));
        Assert.That(scene.Pods, Has.Count.EqualTo(2));
        Assert.That(scene.Status.LastFailure, Has.Property("Reason").EqualTo(Reasons.NodeLost).And.Property("Pod").EqualTo(pod.Name));
        scene.Settle();
        Assert.That((scene.Replicas(scene.Status.Stable!), scene.Status.Replicas!.Ready), Is.EqualTo((2, 2)));
    }

    [Test]
    public void A_pod_that_was_just_placed_on_a_lost_node_is_not_made_and_lost_in_a_loop()
    {
        var scene = new Scene().Settle();
        var pod = scene.Later(TimeSpan.FromMinutes(1)).Pods[0];
        pod.Metadata.CreationTimestamp = scene.Now.UtcDateTime;
        scene.Node(pod.Spec.NodeName!, lost: true);

        var plan = AiDc.Operator.Serving.ServicePlanner.Plan(scene.Snapshot(), Scene.Options, scene.Now);

        Assert.That(plan.Steps.OfType<DeletePod>(), Is.Empty);
        Assert.That(plan.RequeueAfter, Is.LessThanOrEqualTo(Scene.Options.LeastAge));
    }

    [Test]
    public void A_node_that_is_not_ready_costs_no_capacity()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 2 } }).Settle();

        scene.Node(scene.Pods[0].Spec.NodeName!, ready: false).Reconcile();

        Assert.That(scene.Replicas(scene.Status.Stable!), Is.EqualTo(3));
    }
}
