using AiDc.Api.V1Alpha1;
using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Observed;
using AiDc.Operator.Serving.Policies;
using AiDc.Operator.Serving.Scaling;

namespace AiDc.Operator.Serving;

/// <summary>Everything a decision about one service may look at. Made by the gatherer, never changed.</summary>
/// <param name="Service">The service as last seen.</param>
/// <param name="Deployments">All whose controlling owner it is.</param>
/// <param name="Pods">All of its pods that have not ended.</param>
public sealed record ServiceSnapshot(InferenceService Service, IReadOnlyList<ServingDeployment> Deployments, IReadOnlyList<ServingPod> Pods)
{
    /// <summary>The training jobs that its spec names, by name, as far as they exist.</summary>
    public IReadOnlyDictionary<string, TrainingJob> Jobs { get; init; } = new Dictionary<string, TrainingJob>();

    /// <summary>How many replicas its load asks for; null where nobody says.</summary>
    public ScaleAdvice? Scale { get; init; }

    /// <summary>What the gateways say of its load.</summary>
    public ServiceReading Load { get; init; } = ServiceReading.Nothing;

    /// <summary>What was seen of the canary at its present step; null while none has requests.</summary>
    public CanaryTrial? Trial { get; init; }

    /// <summary>The nodes that the pods are on, by name, as far as something is known of them.</summary>
    public IReadOnlyDictionary<string, NodeView> Nodes { get; init; } = new Dictionary<string, NodeView>();

    /// <summary>Names of pods that no gateway can reach.</summary>
    public IReadOnlySet<string> Unreachable { get; init; } = new HashSet<string>();

    /// <summary>What keeps kubelets from starting pods, by uid of the pod.</summary>
    public IReadOnlyDictionary<string, PodTrouble> Troubles { get; init; } = new Dictionary<string, PodTrouble>();

    /// <summary>The last time the API server refused to create something of it, if it has not accepted anything since.</summary>
    public CreationRefusal? Refusal { get; init; }

    /// <summary>When this process last wrote the service's status; null: it has not yet.</summary>
    public DateTimeOffset? LastWrite { get; init; }

    /// <summary>For what this process has last seen to the Service, the NetworkPolicy and the PodDisruptionBudgets; null: not yet.</summary>
    public ObjectsKey? ObjectsFor { get; init; }

    /// <summary>When they are to be seen to again although nothing has changed.</summary>
    public DateTimeOffset ObjectsDue { get; init; }

    /// <summary>What was in their way when they were last seen to; null for nothing.</summary>
    public Refused? ObjectsProblem { get; init; }
}
