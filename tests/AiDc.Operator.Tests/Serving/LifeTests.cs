using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Serving;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class LifeTests
{
    [Test]
    public void A_service_is_ready_once_a_replica_has_the_model_and_not_before()
    {
        var scene = new Scene().Reconcile();

        Assert.That((scene.Status.Phase, scene.Condition(ConditionTypes.Ready).Status), Is.EqualTo((InferenceServicePhase.Loading, "False")));
        Assert.That(scene.Condition(ConditionTypes.ModelLoaded).Reason, Is.EqualTo(Reasons.Loading));

        scene.AllReady().Reconcile();

        Assert.That((scene.Status.Phase, scene.Condition(ConditionTypes.Ready).Status), Is.EqualTo((InferenceServicePhase.Ready, "True")));
        Assert.That(scene.Condition(ConditionTypes.ModelLoaded).Status, Is.EqualTo("True"));
        Assert.That(scene.Status.Url, Is.EqualTo("http://gateway/v1/namespaces/team/services/digits"));
        Assert.That(scene.Status.Replicas!.Summary, Is.EqualTo("1/1"));
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [scene.Status.Stable!] = 100 }));
    }

    [Test]
    public void The_revision_is_in_the_status_before_its_Deployment_is_made()
    {
        var scene = new Scene();

        var plan = ServicePlanner.Plan(scene.Snapshot(), Scene.Options, Scene.Start);

        var made = plan.Steps.OfType<CreateRevision>().Single().Deployment;
        Assert.That(plan.Status!.Stable, Is.EqualTo(made.Metadata.Name));
        Assert.That(plan.Status.Revisions.Single(), Has.Property("Name").EqualTo(made.Metadata.Name).And.Property("Desired").EqualTo(1));
    }

    [Test]
    public void What_has_settled_is_left_alone()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 3 } }) { ObjectsAreSeenTo = true }.Settle();

        var plan = ServicePlanner.Plan(scene.Snapshot(), Scene.Options, scene.Now);

        Assert.That((plan.Status, plan.Steps.Count, plan.Events.Count), Is.EqualTo(((InferenceServiceStatus?)null, 0, 0)));
    }

    [Test]
    public void A_model_that_does_not_load_says_why_with_the_last_lines_of_its_log()
    {
        var scene = new Scene().Reconcile();

        scene.Crash(scene.Revisions[0]).Reconcile();

        Assert.That(scene.Status.Phase, Is.EqualTo(InferenceServicePhase.Failed));
        Assert.That(scene.Condition(ConditionTypes.Ready).Status, Is.EqualTo("False"));
        Assert.That(scene.Condition(ConditionTypes.ModelLoaded).Message, Does.Contain("exit code 2").And.Contain("no such file"));
        Assert.That((scene.Status.LastFailure!.ExitCode, scene.Status.LastFailure.LogTail), Is.EqualTo((2, "loading\nno such file")));
        Assert.That(scene.Events.Select(e => e.Note), Has.Some.Contains("no such file"));
    }

    [Test]
    public void An_init_container_that_does_not_end_is_named()
    {
        var scene = new Scene().Reconcile();

        scene.Trouble(new(Reasons.VolumeUnavailable, "FailedMount: at first")).Show(scene.Revisions[0], new()
        {
            Phase = "Pending",
            InitContainerStatuses = [new() { Name = "fetch", State = new() { Running = new() } }],
            ContainerStatuses = [new() { Name = "server", State = new() { Waiting = new() { Reason = "PodInitializing" } } }],
        }).Reconcile();

        Assert.That((scene.Status.Phase, scene.Status.Message), Is.EqualTo((InferenceServicePhase.Loading, $"init container fetch of {scene.Pods[0].Name} runs")));
    }

    [Test]
    public void A_Service_of_somebody_else_with_the_name_is_told_and_does_not_keep_the_replicas_from_serving()
    {
        var scene = new Scene { ObjectsAreSeenTo = true }.Settle();
        Assert.That((scene.Condition(ConditionTypes.Addressable).Status, scene.Condition(ConditionTypes.Addressable).Reason), Is.EqualTo(("True", Reasons.ObjectsMade)));

        scene.ObjectsProblem = new(Reasons.NameConflict, "Service digits exists and is not this service's");
        scene.Reconcile();
        Assert.That((scene.Status.Phase, scene.Status.Message), Is.EqualTo((InferenceServicePhase.Degraded, "1 replica answer; Service digits exists and is not this service's")));
        Assert.That((scene.Condition(ConditionTypes.Addressable).Status, scene.Condition(ConditionTypes.Ready).Status), Is.EqualTo(("False", "True")));
        Assert.That(scene.Events.Select(e => e.Reason), Is.EqualTo(new[] { Reasons.NameConflict }));

        scene.ObjectsProblem = null;
        scene.Reconcile();
        Assert.That((scene.Status.Phase, scene.Condition(ConditionTypes.Addressable).Status), Is.EqualTo((InferenceServicePhase.Ready, "True")));
    }

    [Test]
    public void A_revision_that_may_not_be_made_is_told_while_the_one_before_serves()
    {
        var scene = new Scene().Settle();
        scene.Edit(s => s with { Model = new() { Uri = "pvc://models/other" } });
        scene.Refusal = new(2, Reasons.NameConflict, "Deployment digits-1 exists and is not this service's", 1, scene.Now.AddMinutes(1));
        scene.Reconcile();

        Assert.That((scene.Status.Phase, scene.Condition(ConditionTypes.ModelLoaded).Reason), Is.EqualTo((InferenceServicePhase.Degraded, Reasons.NameConflict)));
        Assert.That(scene.Status.Message, Does.Contain("Deployment digits-1 exists and is not this service's"));
    }

    [Test]
    public void What_is_in_the_way_is_looked_at_again_soon()
    {
        var scene = new Scene { ObjectsProblem = new(Reasons.NameConflict, "m"), ObjectsAreSeenTo = true }.Settle();

        Assert.That(ServicePlanner.Plan(scene.Snapshot(), Scene.Options, scene.Now).RequeueAfter, Is.EqualTo(ServiceObjects.Again));
    }

    [Test]
    public void After_an_edit_all_conditions_speak_of_the_edit()
    {
        var scene = new Scene().Settle();

        scene.Edit(s => s with { Scaling = new() { Replicas = 2 } }).Settle();

        Assert.That(scene.Status.Conditions, Is.Not.Empty.And.All.Property("ObservedGeneration").EqualTo(2));
    }

    [Test]
    public void A_service_that_is_deleted_in_the_foreground_does_not_hang_on_a_dead_node()
    {
        var scene = new Scene().Settle();
        var pod = scene.Pods[0];
        scene.Service.Metadata.DeletionTimestamp = scene.Now.UtcDateTime;
        scene.Later(TimeSpan.FromMinutes(1)).Node(pod.Spec.NodeName!, lost: true);

        var plan = ServicePlanner.Plan(scene.Snapshot(), Scene.Options, scene.Now);

        Assert.That(plan.Steps, Is.EqualTo(new[] { new Operator.Planning.DeletePod(pod.Name, pod.Metadata.Uid, $"node {pod.Spec.NodeName} is lost", Force: true) }));
        Assert.That(plan.Status, Is.Null);
    }

    [Test]
    public void Pods_of_a_service_that_is_gone_do_not_hang_on_a_dead_node()
    {
        var pod = new Scene().Settle().Pods[0];
        var nodes = new Dictionary<string, Operator.Nodes.NodeView> { [pod.Spec.NodeName!] = new(pod.Spec.NodeName!) { DeadFor = TimeSpan.FromSeconds(41) } };
        Assert.That(ServicePlanner.LeftBehind([pod], nodes), Is.Empty, "nobody deletes it yet");

        pod.Metadata.DeletionTimestamp = Scene.Start.UtcDateTime;
        Assert.That(ServicePlanner.LeftBehind([pod], nodes).Select(d => (d.Name, d.Force)), Is.EqualTo(new[] { (pod.Name, true) }));
    }

    [Test]
    public void A_failure_stays_in_the_status_after_the_replica_has_recovered()
    {
        var scene = new Scene().Reconcile();
        scene.Crash(scene.Revisions[0]).Reconcile();

        scene.AllReady().Later(TimeSpan.FromMinutes(5)).Reconcile();

        Assert.That((scene.Status.Phase, scene.Status.LastFailure!.ExitCode), Is.EqualTo((InferenceServicePhase.Ready, 2)));
    }

    [Test]
    public void An_invalid_spec_makes_nothing_and_names_the_field()
    {
        var scene = new Scene(s => s with { Model = new() { Uri = "hostpath:///etc" } }).Reconcile();

        Assert.That(scene.Revisions, Is.Empty);
        Assert.That(scene.Status.Phase, Is.EqualTo(InferenceServicePhase.Pending));
        Assert.That(scene.Condition(ConditionTypes.Valid), Has.Property("Status").EqualTo("False").And.Property("Message").Contains("spec.model.uri"));
    }

    [Test]
    public void An_invalid_edit_leaves_what_serves()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 2 } }).Settle();

        scene.Edit(s => s with { Scaling = new() { Replicas = 5 }, Model = new() { Uri = "hostpath:///etc" } }).Reconcile();

        Assert.That(scene.Replicas(scene.Status.Stable!), Is.EqualTo(2));
        Assert.That((scene.Status.Phase, scene.Condition(ConditionTypes.Valid).Status), Is.EqualTo((InferenceServicePhase.Ready, "False")));
        Assert.That(scene.Weights().Values.Sum(), Is.EqualTo(100));
    }

    [TestCase(null, 2, 5, 2)]
    [TestCase(null, 0, 5, 1)]
    [TestCase(0, 2, 5, 0)]
    [TestCase(7, 2, 5, 7)]
    public void Without_load_the_replicas_are_what_the_spec_bounds_or_pins(int? replicas, int min, int max, int expected)
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = replicas, Min = min, Max = max } }).Settle();

        Assert.That(scene.Replicas(scene.Status.Stable!), Is.EqualTo(expected));
    }

    [Test]
    public void Load_decides_between_the_bounds_and_why_is_in_the_status()
    {
        var scene = new Scene(s => s with { Scaling = new() { Min = 1, Max = 4 } }).Settle();

        scene.Scale = new(9, "36 requests in work, 4 a replica");
        scene.Later(TimeSpan.FromSeconds(10)).Settle();

        Assert.That(scene.Replicas(scene.Status.Stable!), Is.EqualTo(4));
        Assert.That(scene.Status.Decisions[0], Has.Property("From").EqualTo(1).And.Property("To").EqualTo(4).And.Property("Why").Contains("36 requests"));
        Assert.That(scene.Status.Decisions, Has.Count.EqualTo(2));
    }

    [Test]
    public void Only_the_last_ten_decisions_are_kept()
    {
        var scene = new Scene(s => s with { Scaling = new() { Min = 1, Max = 40 } });
        for (var i = 1; i <= 15; i++)
        {
            scene.Scale = new(i, $"{i}");
            scene.Reconcile();
        }

        Assert.That(scene.Status.Decisions.Select(d => d.To), Is.EqualTo(new[] { 15, 14, 13, 12, 11, 10, 9, 8, 7, 6 }));
    }

    [Test]
    public void The_first_replica_is_kept_until_it_is_known_whether_the_model_loads()
    {
        var scene = new Scene(s => s with { Scaling = new() { Min = 0 } }) { Scale = new(0, "no request came for 60 s") };
        scene.Reconcile();

        Assert.That(scene.Replicas(scene.Status.Stable!), Is.EqualTo(1));

        scene.AllReady().Reconcile();

        Assert.That((scene.Replicas(scene.Status.Stable!), scene.Status.Phase), Is.EqualTo((0, InferenceServicePhase.Idle)));
        Assert.That(scene.Condition(ConditionTypes.Ready).Status, Is.EqualTo("False"));
    }

    [Test]
    public void A_service_at_zero_wakes_and_its_requests_wait_for_the_revision()
    {
        var scene = new Scene(s => s with { Scaling = new() { Min = 0 } }) { Scale = new(0, "no request came for 60 s") };
        scene.Settle();
        scene.Scale = new(1, "a request waits and there is no replica");

        scene.Reconcile();

        Assert.That(scene.Replicas(scene.Status.Stable!), Is.EqualTo(1));
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [scene.Status.Stable!] = 100 }));
    }

    [Test]
    public void A_refused_Deployment_is_tried_again_later_and_its_reason_told()
    {
        var scene = new Scene { Refusal = new(1, Reasons.PodRejected, "spec.containers[0]: bad", 1, Scene.Start.AddSeconds(30)) };

        scene.Reconcile();

        Assert.That(scene.Revisions, Is.Empty);
        Assert.That(scene.Condition(ConditionTypes.Valid), Has.Property("Status").EqualTo("False").And.Property("Message").Contains("bad"));
        Assert.That(ServicePlanner.Plan(scene.Snapshot(), Scene.Options, scene.Now).RequeueAfter, Is.EqualTo(TimeSpan.FromSeconds(30)));
    }
}
