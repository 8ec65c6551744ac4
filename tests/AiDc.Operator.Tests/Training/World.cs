using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Coordination;
using AiDc.Operator.Training;
using AiDc.Operator.Training.Observed;

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

    public List<PlannedEvent> Events { get; } = [];

    public List<string> Created { get; } = [];

    public TrainingPlan LastPlan { get; private set; } = TrainingPlan.Nothing;

    public IReadOnlyList<ObservedPod> Pods => [.. pods.Values.OrderBy(p => p.Attempt).ThenBy(p => p.Index)];

    public IEnumerable<string> PodNames => Pods.Select(p => p.Name);

    /// <summary>Plans and carries out until there is nothing to do.</summary>
    public World Settle()
    {
        for (var i = 0; i < 20; i++)
        {
            LastPlan = TrainingJobPlanner.Plan(new(Job, Pods, Progress, Refusal), Given.Options, Now);
            if (LastPlan.Status is null && LastPlan.Steps.Count == 0) return this;
            CarryOut(LastPlan);
            if (JobIsDeleted) return this;
        }
        throw new InvalidOperationException("The planner never comes to rest.");
    }

    public World Pass(TimeSpan time)
    {
        Now += time;
        return Settle();
    }

    public World Edit(Func<TrainingJobSpec, TrainingJobSpec> edit)
    {
        Job = Given.Edited(Job, edit);
        return Settle();
    }

    /// <summary>Schedules and starts every pod that is not on a node yet.</summary>
    public World RunAll()
    {
        foreach (var pod in Pods.Where(p => p.Phase == PodPhase.Pending && !p.IsBeingDeleted))
            Set(pod, PodPhase.Running, new("trainer", false, ContainerPhase.Running));
        return Settle();
    }

    public World End(int index, int exitCode, string? message = null)
    {
        var pod = Pods.Single(p => p.Index == index && p.Attempt == Status.Attempt);
        Set(pod, exitCode == 0 ? PodPhase.Succeeded : PodPhase.Failed,
            new("trainer", false, ContainerPhase.Terminated, exitCode == 0 ? "Completed" : "Error", message, exitCode, Now));
        return Settle();
    }

    /// <summary>Somebody deletes a pod, and it is gone at once.</summary>
    public World Remove(int index)
    {
        pods.Remove(Pods.Single(p => p.Index == index && p.Attempt == Status.Attempt).Name);
        return Settle();
    }

    /// <summary>The kubelets end what is being deleted.</summary>
    public World FinishDeletions()
    {
        foreach (var pod in Pods.Where(p => p.IsBeingDeleted)) pods.Remove(pod.Name);
        return Settle();
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
                // What has ended is gone at once; what runs gets its grace.
                if (pod.Phase is PodPhase.Succeeded or PodPhase.Failed) pods.Remove(pod.Name);
                else Set(pod, pod.Phase, [.. pod.Containers], Now.AddSeconds(30));
                break;
            case CreateWorkers create:
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
        var name = Names.WorkerPod(Job.Metadata.Name, index, create.Gang.Attempt);
        Created.Add(name);
        pods.Add(name, Given.Pod(index, create.Gang.Attempt, PodPhase.Pending, node: null, createdAt: Now,
            hash: create.Gang.SpecHash, generation: Job.Metadata.Generation!.Value));
    }

    private void Set(ObservedPod pod, PodPhase phase, ObservedContainer container) => Set(pod, phase, [container], null);

    private void Set(ObservedPod pod, PodPhase phase, ObservedContainer[] containers, DateTimeOffset? deletedAt) =>
        pods[pod.Name] = Given.Pod(pod.Index, pod.Attempt, phase, $"node-{pod.Index}", containers: containers, deletedAt: deletedAt,
            hash: pod.SpecHash!, generation: pod.JobGeneration!.Value, createdAt: Times.Utc(pod.Metadata.CreationTimestamp!.Value));
}
