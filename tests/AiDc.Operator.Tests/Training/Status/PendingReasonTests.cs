using AiDc.Api;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Tests.Training.Status;

public sealed class PendingReasonTests
{
    private static readonly PodNotice NoRoom = new("Unschedulable", "0/3 nodes are available: 3 Insufficient cpu.");

    private static IEnumerable<TestCaseData> Waits()
    {
        yield return Case("for the scheduler", Reasons.WorkersPending, "waiting for the scheduler", false, Given.Pending());
        yield return Case("for room", Reasons.Unschedulable, NoRoom.Message!, true, Given.Pending(unschedulable: NoRoom));
        yield return Case("for a claim", Reasons.VolumeUnavailable, "pod has unbound immediate PersistentVolumeClaims", true,
            Given.Pending(unschedulable: new("Unschedulable", "pod has unbound immediate PersistentVolumeClaims")));
        yield return Case("for a gate", Reasons.WorkersPending, "held by a scheduling gate of the pod", true, Given.Pending(unschedulable: new("SchedulingGated", null)));
        yield return Case("for its containers", Reasons.WorkersStarting, "containers are being created", false, Given.Starting());
        yield return Case("for an image", Reasons.ImagePull, "ErrImagePull: not found", true, Given.Starting(waiting: "ErrImagePull", message: "not found"));
        yield return Case("for an image name", Reasons.ImagePull, "InvalidImageName: no details given", true, Given.Starting(waiting: "InvalidImageName"));
        yield return Case("for a configuration", Reasons.ContainerConfig, "CreateContainerConfigError: secret \"a\" not found", true,
            Given.Starting(waiting: "CreateContainerConfigError", message: "secret \"a\" not found"));
        yield return Case("for an init container", Reasons.WorkersStarting, "init container fetch runs", false, Given.Pod(0, phase: PodPhase.Pending,
            containers: [new("fetch", true, ContainerPhase.Running), new("trainer", false, ContainerPhase.Waiting, "PodInitializing")]));
        yield return Case("for the image of a sidecar", Reasons.ImagePull, "container side: ErrImagePull: gone", true, Given.Pod(0, phase: PodPhase.Pending,
            containers: [new("side", false, ContainerPhase.Waiting, "ErrImagePull", "gone"), new("trainer", false, ContainerPhase.Running)]) is var pod
                ? Given.Pod(0, phase: PodPhase.Pending, containers: [pod.Containers[0], new("trainer", false, ContainerPhase.Waiting, "ContainerCreating")]) : pod);
    }

    [TestCaseSource(nameof(Waits))]
    public void A_single_worker_waits(string reason, string message, bool trouble, ObservedPod pod) =>
        Assert.That(PendingReason.Of(Given.View(Given.Job(1, status: s => s with { Attempt = 1 }), pod)), Is.EqualTo(new WaitReason(reason, message, 0, trouble)));

    [Test]
    public void Of_several_workers_the_gravest_reason_is_told_with_how_many_have_it()
    {
        var view = Given.View(Given.Job(4, status: s => s with { Attempt = 1 }),
            Given.Pending(0), Given.Pending(1, unschedulable: NoRoom), Given.Starting(2), Given.Pending(3, unschedulable: NoRoom));

        Assert.That(PendingReason.Of(view)!.Message, Is.EqualTo("0/3 nodes are available: 3 Insufficient cpu. (2 of 4 workers; first digits-worker-1-1)"));
    }

    [Test]
    public void Volume_troubles_are_told_by_kubelets()
    {
        var snapshot = Given.Snapshot(Given.Job(1, status: s => s with { Attempt = 1 }), Given.Starting()) with
        {
            Troubles = new Dictionary<string, PodTrouble> { ["pod-0-1"] = new(Reasons.VolumeUnavailable, "FailedMount: no such folder") },
        };

        Assert.That(PendingReason.Of(new(snapshot, Given.Options, Given.Now))!.Message, Is.EqualTo("on node node-1: FailedMount: no such folder"));
    }

    [Test]
    public void An_init_container_that_runs_is_named_whatever_was_warned_of_before()
    {
        ObservedContainer[] containers = [new("fetch", true, ContainerPhase.Running), new("trainer", false, ContainerPhase.Waiting, "PodInitializing")];
        var snapshot = Given.Snapshot(Given.Job(1, status: s => s with { Attempt = 1, AttemptStartTime = Given.Now }), Given.Pod(phase: PodPhase.Pending, containers: containers)) with
        {
            Troubles = new Dictionary<string, PodTrouble> { ["pod-0-1"] = new(Reasons.VolumeUnavailable, "FailedMount: at first") },
        };

        Assert.That(PendingReason.Of(new(snapshot, Given.Options, Given.Now))!.Message, Is.EqualTo("init container fetch runs"));
        var late = Operator.Training.Policies.StartTimeoutPolicy.Decide(new(snapshot, Given.Options, Given.Now.AddMinutes(11)));
        Assert.That(late!.Failure!.Message, Is.EqualTo("0 of 1 workers ran within spec.failure.startTimeout (10m): init container fetch runs"));
    }

    [Test]
    public void The_cause_of_a_failed_pull_outlives_its_back_off()
    {
        var job = Given.Job(1, status: s => s with { Attempt = 1, Conditions = [Given.Condition(ConditionTypes.Running, false, Reasons.ImagePull, "ErrImagePull: denied")] });

        Assert.That(PendingReason.Of(Given.View(job, Given.Starting(waiting: "ImagePullBackOff", message: "Back-off pulling image")))!.Message, Is.EqualTo("ErrImagePull: denied"));
    }

    [Test]
    public void A_gang_that_runs_waits_for_nothing() =>
        Assert.That(PendingReason.Of(Given.View(Given.Job(2, status: s => s with { Attempt = 1 }), Given.Pod(0), Given.Succeeded(1))), Is.Null);

    [Test]
    public void The_newest_warning_counts()
    {
        PodWarning Warning(string reason, int second) => new() { Reason = reason, Message = "m", LastTimestamp = Given.Now.AddSeconds(second).UtcDateTime };

        Assert.That(PodTrouble.Of([Warning("FailedCreatePodSandBox", 1), Warning("FailedMount", 3), Warning("FailedCreatePodSandBox", 2)]),
            Is.EqualTo(new PodTrouble(Reasons.VolumeUnavailable, "FailedMount: m")));
        Assert.That(PodTrouble.Of([]), Is.Null);
    }

    private static TestCaseData Case(string name, string reason, string message, bool trouble, ObservedPod pod) =>
        new TestCaseData(reason, message, trouble, pod).SetArgDisplayNames(name);
}
