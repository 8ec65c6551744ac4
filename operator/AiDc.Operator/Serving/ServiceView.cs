using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Observed;
using AiDc.Operator.Serving.Scaling;

namespace AiDc.Operator.Serving;

/// <summary>A snapshot at one moment, and what follows from it alone.</summary>
public sealed class ServiceView
{
    private readonly Dictionary<string, RevisionView> revisions;

    public ServiceView(ServiceSnapshot snapshot, ServingOptions options, DateTimeOffset now)
    {
        (Snapshot, Options, Now) = (snapshot, options, now);
        var pods = snapshot.Pods.Where(p => !p.IsOver).ToLookup(p => p.Revision ?? "");
        revisions = snapshot.Deployments.ToDictionary(d => d.Name, d => View(d.Name, d, [.. pods[d.Name]]), StringComparer.Ordinal);
    }

    public ServiceSnapshot Snapshot { get; }

    public ServingOptions Options { get; }

    public DateTimeOffset Now { get; }

    public InferenceService Service => Snapshot.Service;

    public InferenceServiceSpec Spec => Service.Spec;

    public InferenceServiceStatus Status => Service.Status;

    public string Name => Service.Metadata.Name;

    public long Generation => Service.Metadata.Generation ?? 0;

    /// <summary>All that have a Deployment, the newest first.</summary>
    public IReadOnlyList<RevisionView> Revisions => [.. revisions.Values
        .OrderByDescending(r => r.Deployment!.Metadata.CreationTimestamp).ThenBy(r => r.Name, StringComparer.Ordinal)];

    /// <summary>How many replicas somebody asks for, whatever the load; null: the load decides.</summary>
    public int? Pinned => PinPolicy.PinnedTo(Service);

    /// <summary>Whether the server is the user's own.</summary>
    public bool IsOwnServer => ServerContainer.IsOwn(Spec.Template?.Value);

    /// <summary>Whether a replica has ever answered: until then one is kept, so that it is known whether the model loads.</summary>
    public bool HasLoaded => ConditionHelper.Find(Status.Conditions, ConditionTypes.ModelLoaded) is { } loaded && (loaded.Status == "True" || loaded.Reason == Reasons.Idle);

    public RevisionView Of(string? name) => name is not null && revisions.TryGetValue(name, out var view) ? view : RevisionView.None(name ?? "");

    public NodeView? NodeOf(ServingPod pod) => pod.Spec.NodeName is { } node ? Snapshot.Nodes.GetValueOrDefault(node) : null;

    public bool IsUnreachable(ServingPod pod) => Snapshot.Unreachable.Contains(pod.Name);

    /// <summary>Whether requests can be sent to a pod.</summary>
    public bool Answers(ServingPod pod) => pod.IsReady && !IsUnreachable(pod) && NodeOf(pod) is not { IsLost: true };

    /// <summary>How long until a pod is taken from the API, because its node is lost; null for one that is not.</summary>
    /// <remarks>A scheduler that does not know yet of the loss would place the next one there too: not more often than every two seconds.</remarks>
    public TimeSpan? TakenIn(ServingPod pod)
    {
        if (NodeOf(pod) is not { IsLost: true }) return null;
        var age = pod.Metadata.CreationTimestamp is { } created ? Now - Times.Utc(created) : TimeSpan.MaxValue;
        return age < Options.LeastAge ? Options.LeastAge - age : TimeSpan.Zero;
    }

    private bool IsTaken(ServingPod pod) => TakenIn(pod) == TimeSpan.Zero && !pod.IsBeingDeleted;

    private bool IsMissing(ServingPod pod) => !pod.IsBeingDeleted && pod.Spec.NodeName is not null && !IsTaken(pod)
        && (IsUnreachable(pod) || NodeOf(pod) is { } node && (node.IsLost || !node.IsReady));

    private RevisionView View(string name, ServingDeployment deployment, IReadOnlyList<ServingPod> pods) =>
        new(name, deployment, pods, pods.Count(Answers), pods.Count(IsMissing), pods.Count(IsTaken));
}
