using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Coordination;
using AiDc.Operator.Membership;
using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Training;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Tests.Training;

/// <summary>
/// A cluster in memory in which plans are carried out at once and the test plays scheduler, kubelets and user. Time stands still
/// unless the test lets it pass.
/// </summary>
internal sealed class World(TrainingJob job)
{
    private readonly Dictionary<string, ObservedPod> pods = [];

    public TrainingJob Job { get; private set; } = job;

    public TrainingJobStatus Status => Job.Status;

    public DateTimeOffset Now { get; private set; } = Given.Now;

    public bool JobIsDeleted { get; private set; }

    public JobProgress? Progress { get; set; }

    public CreationRefusal? Refusal { get; set; }

    /// <summary>What the workers of a distributed gang say, asked for at each look.</summary>
    public Func<GangSessions?>? Gang { get; set; }

    /// <summary>Called with what the plan has the workers told, after its status is written.</summary>
    public Action<MembershipDecision>? Announced { get; set; }

    public Dictionary<string, NodeView> Nodes { get; } = [];

    /// <summary>What kubelets say of pods that they cannot start, by uid.</summary>
    public Dictionary<string, PodTrouble> Troubles { get; } = [];

    public List<PlannedEvent> Events { get; } = [];

    public List<string> Created { get; } = [];

    public TrainingPlan LastPlan { get; private set; } = TrainingPlan.Nothing;

    public IReadOnlyList<ObservedPod> Pods => [.. pods.Values.OrderBy(p => p.Attempt).ThenBy(p => p.Index)];

    /// <summary>Pods that a kubelet was not asked about.</summary>
    public List<string> ForceDeleted { get; } = [];

    public CreateWorkers? LastCreation { get; private set; }

    public IEnumerable<string> PodNames => Pods.Select(p => p.Name);

    /// <summary>Plans and carries out until there is nothing to do.</summary>
    public World Settle()
    {
        for (var i = 0; i < 20; i++)
        {
            LastPlan = Look();
            if (LastPlan.Status is null && LastPlan.Steps.Count == 0) return this;
            CarryOut(LastPlan);
            if (JobIsDeleted) return this;
        }
        throw new InvalidOperationException("The planner never comes to rest.");
    }

    /// <summary>What would be planned now.</summary>
    public TrainingPlan Look()
    {
        var snapshot = new TrainingJobSnapshot(Job, Pods, Progress, Refusal, Troubles)
        {
            Gang = Gang?.Invoke(),
            Nodes = Nodes,
            UnfitNodes = [.. Nodes.Values.Where(n => n.IsLost).Select(n => n.Name)],
        };
        return TrainingJobPlanner.Plan(snapshot, Given.Options, Now);
    }

    /// <summary>An operator that dies once it has written the status.</summary>
    public World DieAfterStatus()
    {
        if (Look().Status is { } status) Job = new() { Metadata = Job.Metadata, Spec = Job.Spec, Status = status };
        return this;
    }

    public World Pass(TimeSpan time)
    {
        Sleep(time);
        return Settle();
    }

    /// <summary>Time passes and no operator looks.</summary>
    public void Sleep(TimeSpan time) => Now += time;

    public World Edit(Func<TrainingJobSpec, TrainingJobSpec> edit)
    {
        Job = Given.Edited(Job, edit);
        return Settle();
    }

    /// <summary>Schedules and starts every pod that is not on a node yet.</summary>
    public World RunAll()
    {
        RunAllNow();
        return Settle();
    }

    public void RunAllNow()
    {
        foreach (var pod in Pods.Where(p => p.Phase == PodPhase.Pending && !p.IsBeingDeleted))
            Set(pod, PodPhase.Running, new("trainer", false, ContainerPhase.Running));
    }

    /// <summary>The newest pod of a worker has a node, and its kubelet does not get its container to run.</summary>
    public World Stick(int index, string reason, string message)
    {
        Set(Newest(index), PodPhase.Pending, new("trainer", false, ContainerPhase.Waiting, "ContainerCreating"));
        Troubles[Newest(index).Uid] = new(reason, message);
        return Settle();
    }

    /// <summary>The scheduler finds no node for the newest pod of a worker.</summary>
    public World HasNoNode(int index)
    {
        var pod = Newest(index);
        pods[pod.Name] = Given.Pod(pod.Index, pod.Attempt, PodPhase.Pending, node: null, unschedulable: new("Unschedulable", "0/1 nodes are available"),
            hash: pod.SpecHash!, generation: pod.JobGeneration!.Value, createdAt: Times.Utc(pod.Metadata.CreationTimestamp!.Value), incarnation: pod.Incarnation, avoids: pod.AvoidedNodes);
        return Settle();
    }

    public World End(int index, int exitCode, string? message = null, string? reason = null) => EndUnseen(index, exitCode, message, reason).Settle();

    /// <summary>A worker ends, and no operator has looked yet.</summary>
    public World EndUnseen(int index, int exitCode, string? message = null, string? reason = null)
    {
        Set(Newest(index), exitCode == 0 ? PodPhase.Succeeded : PodPhase.Failed,
            new("trainer", false, ContainerPhase.Terminated, reason ?? (exitCode == 0 ? "Completed" : "Error"), message, exitCode, Now));
        return this;
    }

    /// <summary>The pod of a worker as its kubelet shows it: with other containers next to the worker.</summary>
    public World Show(int index, PodPhase phase, params ObservedContainer[] containers)
    {
        Set(Newest(index), phase, containers, null);
        return Settle();
    }

    /// <summary>The newest pod of a worker in the present attempt.</summary>
    public ObservedPod Newest(int index) => Pods.Where(p => p.Index == index && p.Attempt == Status.Attempt).MaxBy(p => p.Incarnation)!;

    /// <summary>Somebody deletes a pod, and it is gone at once.</summary>
    public World Remove(int index)
    {
        pods.Remove(Newest(index).Name);
        return Settle();
    }

    /// <summary>The kubelets end what is being deleted.</summary>
    public World FinishDeletions()
    {
        foreach (var pod in Pods.Where(p => p.IsBeingDeleted)) pods.Remove(pod.Name);
        return Settle();
    }

    /// <summary>Somebody deletes a pod, and it has its grace.</summary>
    public void DeleteGracefully(int index)
    {
        var pod = Newest(index);
        Set(pod, pod.Phase, [.. pod.Containers], Now.AddSeconds(30));
    }

    private void CarryOut(TrainingPlan plan)
    {
        if (plan.Status is { } status)
        {
            Assert.That(status.Attempt, Is.GreaterThanOrEqualTo(Status.Attempt), "attempts only grow");
            Job = new() { Metadata = Job.Metadata, Spec = Job.Spec, Status = status };
        }
        Events.AddRange(plan.Events);
        foreach (var step in plan.Steps) CarryOut(step);
    }

    private void CarryOut(PlanStep step)
    {
        switch (step)
        {
            case DeletePod delete:
                var pod = pods[delete.Name];
                Assert.That(pod.Uid, Is.EqualTo(delete.Uid));
                if (delete.Force) ForceDeleted.Add(pod.Name);
                // What has ended is gone at once; what runs gets its grace.
                if (delete.Force || pod.Phase is PodPhase.Succeeded or PodPhase.Failed) pods.Remove(pod.Name);
                else Set(pod, pod.Phase, [.. pod.Containers], Now.AddSeconds(30));
                break;
            case AnnounceMembership announce:
                Assert.That(Status.Membership!.Generation, Is.EqualTo(announce.Decision.Membership!.Generation), "it is recorded before it is told");
                Announced?.Invoke(announce.Decision);
                break;
            case CreateWorkers create:
                LastCreation = create;
                foreach (var index in create.Indexes) Create(create, index);
                break;
            case DeleteJob:
                JobIsDeleted = true;
                break;
        }
    }

    private void Create(CreateWorkers create, int index)
    {
        Assert.That(create.Gang.Attempt, Is.EqualTo(Status.Attempt), "the attempt is recorded before its pods are created");
        var incarnation = create.Incarnations?.GetValueOrDefault(index) ?? 0;
        var name = Names.WorkerPod(Job.Metadata.Name, index, create.Gang.Attempt, incarnation);
        Created.Add(name);
        pods.Add(name, Given.Pod(index, create.Gang.Attempt, PodPhase.Pending, node: null, createdAt: Now,
            hash: create.Gang.SpecHash, generation: Job.Metadata.Generation!.Value, incarnation: incarnation,
            avoids: create.Gang.AvoidedNodes.Count > 0 ? string.Join(',', create.Gang.AvoidedNodes) : null));
    }

    private void Set(ObservedPod pod, PodPhase phase, ObservedContainer container) => Set(pod, phase, [container], null);

    private void Set(ObservedPod pod, PodPhase phase, ObservedContainer[] containers, DateTimeOffset? deletedAt) =>
        pods[pod.Name] = Given.Pod(pod.Index, pod.Attempt, phase, pod.Incarnation == 0 ? $"node-{pod.Index}" : $"spare-{pod.Incarnation}",
            containers: containers, deletedAt: deletedAt, hash: pod.SpecHash!, generation: pod.JobGeneration!.Value,
            createdAt: Times.Utc(pod.Metadata.CreationTimestamp!.Value), incarnation: pod.Incarnation, avoids: pod.AvoidedNodes);
}
