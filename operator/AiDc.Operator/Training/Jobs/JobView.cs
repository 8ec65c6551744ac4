using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Validation;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Training.Jobs;

/// <summary>A snapshot at a moment, arranged for decisions: the present attempt's workers by index, and the pods of other attempts.</summary>
public sealed class JobView
{
    private readonly Lazy<string> specHash;
    private readonly Lazy<HashSet<string>> memberUids;
    private readonly Lazy<bool> isTraining;
    private readonly HashSet<int> completed;

    public JobView(TrainingJobSnapshot snapshot, TrainingOptions options, DateTimeOffset now)
        : this(snapshot, options, now, ProblemOf(snapshot.Job, options))
    {
    }

    private JobView(TrainingJobSnapshot snapshot, TrainingOptions options, DateTimeOffset now, string? problem)
    {
        Problem = problem;
        Snapshot = snapshot;
        Options = options;
        Now = now;
        specHash = new(() => Jobs.SpecHash.Of(Spec));
        // Once: it is asked for each worker, and looks at all members.
        isTraining = new(() => Membership is { Hold: null, Members.Count: > 0 } membership && (membership.FirstStep is not null || AreInGroup(membership)));
        memberUids = new(() => [.. (Membership?.Members ?? []).Select(m => m.PodUid)]);
        // An invalid spec says nothing of what runs: that is as it was recorded.
        IsDistributed = GangShape.IsDistributed(Spec) || (problem is not null && Membership is not null);
        // Only a whole gang has its members listed; from then on its size is that of the record, whatever the spec says by now.
        IsComplete = !IsDistributed && Status.Workers is { Members.Count: > 0 } workers && workers.Attempt == Status.Attempt;
        Desired = IsComplete || (problem is not null && Status.Workers is { Desired: > 0 } known && known.Attempt == Status.Attempt)
            ? Status.Workers!.Desired : Spec.Workers.Replicas;
        WorkerContainer = Api.WorkerContainer.NameIn(Spec);
        // Of a distributed gang the result counts, and a worker that ended before there is one has failed.
        completed = IsDistributed || Status.Workers is not { CompletedIndexes: { } done } recorded || recorded.Attempt != Status.Attempt ? [] : IndexRanges.Parse(done);
        Workers = Arrange(snapshot.Pods);
        SupersededPods = IsDistributed ? Superseded(snapshot.Pods) : [];
        OlderPods = [.. snapshot.Pods.Where(p => p.Attempt < Status.Attempt)];
        NewestAttempt = snapshot.Pods.Count == 0 ? Status.Attempt : Math.Max(Status.Attempt, snapshot.Pods.Max(p => p.Attempt));
    }

    public TrainingJobSnapshot Snapshot { get; }

    public TrainingOptions Options { get; }

    public DateTimeOffset Now { get; }

    /// <summary>What is wrong with the spec; null for nothing. Then nothing is made from it, and what runs goes on as it is.</summary>
    public string? Problem { get; }

    public TrainingJob Job => Snapshot.Job;

    public TrainingJobSpec Spec => Job.Spec;

    public TrainingJobStatus Status => Job.Status;

    public long Generation => Job.Metadata.Generation ?? 0;

    /// <summary>Whether the workers train together under a membership: then a lost one is replaced and the gang goes on.</summary>
    public bool IsDistributed { get; }

    /// <summary>
    /// Whether all pods of the attempt were once seen together, as the status records it. A worker without a pod has not been created
    /// yet before, and has been taken away after.
    /// </summary>
    public bool IsComplete { get; }

    /// <summary>How many workers the present attempt has.</summary>
    public int Desired { get; }

    /// <summary>The name of the container that is the worker.</summary>
    public string WorkerContainer { get; }

    /// <summary>The workers of the present attempt, by index.</summary>
    public IReadOnlyList<Worker> Workers { get; }

    /// <summary>Pods that earlier attempts have left.</summary>
    public IReadOnlyList<ObservedPod> OlderPods { get; }

    /// <summary>Pods of the present attempt that were replaced, or whose workers are no longer wanted. Of a distributed gang only.</summary>
    public IReadOnlyList<ObservedPod> SupersededPods { get; }

    /// <summary>Who trains together in the present attempt; null before the first group of it.</summary>
    public MembershipStatus? Membership => Status.Membership is { } membership && membership.Attempt == Status.Attempt ? membership : null;

    /// <summary>Whether the members of a distributed gang are in their group.</summary>
    public bool IsTraining => isTraining.Value;

    /// <summary>Whether the distributed gang has made a step in the present attempt, or is about to.</summary>
    public bool HasTrained => IsTraining || Membership is { FirstStep: not null } or { LastStep: not null };

    /// <summary>The last step of this attempt that anybody is known to have done; null before the first.</summary>
    public long? LastStep
    {
        get
        {
            var told = Snapshot.Gang?.Members
                .Where(m => m.Attempt == Status.Attempt && m.Standing.HasState).Select(m => (long?)m.Standing.CommittedStep).Max();
            var reported = Snapshot.Progress is { Training.StepDone: true } progress && progress.Attempt == Status.Attempt ? progress.Training.Step : null;
            long?[] known = [told, reported, Membership?.LastStep, Membership?.FirstStep];
            return known.Max();
        }
    }

    /// <summary>The uids of its members' pods.</summary>
    public IReadOnlySet<string> MemberUids => memberUids.Value;

    /// <summary>The same world with another status.</summary>
    public JobView With(TrainingJobStatus status) => new(
        Snapshot with { Job = new() { Metadata = Job.Metadata, Spec = Spec, Status = status } }, Options, Now, Problem);

    /// <summary>The highest attempt that a pod was ever seen of; above that of the status only where the status was lost.</summary>
    public int NewestAttempt { get; }

    public string SpecHash => specHash.Value;

    public bool IsFinished => Status.Phase is TrainingJobPhase.Succeeded or TrainingJobPhase.Failed;

    public bool IsSuspended => ConditionHelper.IsTrue(Status.Conditions, ConditionTypes.Suspended);

    public bool IsBuiltIn => Spec.Trainer is not null;

    /// <summary>All workers do their part, or have done it; of an elastic gang those that it trains with.</summary>
    public bool IsWhollyUp => Status.Attempt > 0 && (IsDistributed ? IsTraining : Workers.All(w => w.IsUp));

    public IEnumerable<ObservedPod> GangPods => Workers.Where(w => w.Pod is not null).Select(w => w.Pod!);

    /// <summary>Whether a refusal concerns the job as it is, and not as it was before an edit.</summary>
    public CreationRefusal? Refusal => Snapshot.Refusal is { } refusal && refusal.JobGeneration == Job.Metadata.Generation ? refusal : null;

    /// <summary>What is known of the node of a pod; null for nothing.</summary>
    public NodeView? NodeOf(ObservedPod pod) => pod.NodeName is { } name ? Snapshot.Nodes?.GetValueOrDefault(name) : null;

    /// <summary>Which pod of a worker counts, by the record: earlier ones were replaced.</summary>
    public int IncarnationOf(int index) => Status.Replacements?.FirstOrDefault(r => r.Index == index)?.Incarnation ?? 0;

    private static string? ProblemOf(TrainingJob job, TrainingOptions options)
    {
        if (job.Status.Phase is TrainingJobPhase.Succeeded or TrainingJobPhase.Failed) return null;
        var errors = TrainingJobValidator.Validate(job, options.Validation);
        return errors.Count > 0 ? string.Join(" | ", errors) : null;
    }

    private bool AreInGroup(MembershipStatus membership)
    {
        if (Snapshot.Gang is not { } sessions) return false;
        var inGroup = sessions.Members.Where(m => m.Standing.InGroup && m.Standing.Generation == membership.Generation).Select(m => m.PodUid).ToHashSet();
        return membership.Members.All(m => inGroup.Contains(m.PodUid));
    }

    private Worker[] Arrange(IReadOnlyList<ObservedPod> pods)
    {
        var byIndex = new ObservedPod?[Desired];
        foreach (var pod in pods)
            if (pod.Attempt == Status.Attempt && pod.Index >= 0 && pod.Index < Desired && IsCurrent(pod, byIndex[pod.Index]))
                byIndex[pod.Index] = pod;
        return [.. byIndex.Select((pod, index) => Worker.Of(index, pod, WorkerContainer, completed.Contains(index)))];
    }

    private List<ObservedPod> Superseded(IReadOnlyList<ObservedPod> pods)
    {
        var current = Workers.Where(w => w.Pod is not null).Select(w => w.Pod!.Uid).ToHashSet();
        return [.. pods.Where(p => p.Attempt == Status.Attempt && !current.Contains(p.Uid))];
    }

    private bool IsCurrent(ObservedPod pod, ObservedPod? other) =>
        !IsDistributed || (pod.Incarnation >= IncarnationOf(pod.Index) && (other is null || other.Incarnation < pod.Incarnation));
}
