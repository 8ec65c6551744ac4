using AiDc.Api.V1Alpha1;
using AiDc.Operator.Serving.Observed;

namespace AiDc.Operator.Serving;

/// <summary>A model with its place known.</summary>
/// <param name="Spec">What was asked for.</param>
/// <param name="Uri">Where it is.</param>
/// <param name="Secret">The Secret with the credentials for S3; null for none.</param>
/// <param name="JobUid">The training job whose result it is; null for a model that was named by its URI.</param>
public sealed record ResolvedModel(ServedModelSpec Spec, string Uri, string? Secret = null, string? JobUid = null)
{
    public ServedModelStatus Status => new()
    {
        Uri = Uri,
        Format = Spec.Format,
        TrainingJob = Spec.TrainingJob,
        TrainingJobUid = JobUid,
        Secret = Secret,
    };

    /// <summary>Whether a status speaks of this model.</summary>
    public bool IsRecordedAs(ServedModelStatus? status) => status is not null && status == Status;
}

/// <summary>A revision that is to have replicas.</summary>
/// <param name="Name">Of its Deployment.</param>
/// <param name="Model">What it serves; null where its template brings its own, and where it is not known: see <paramref name="CanBeMade"/>.</param>
/// <param name="CanBeMade">False where the present spec does not say how its pods are made: it can be scaled, but not created.</param>
public sealed record Revision(string Name, ResolvedModel? Model, bool CanBeMade = true);

/// <summary>A revision as it is seen.</summary>
/// <param name="Deployment">Null where it has none yet.</param>
/// <param name="Pods">Those that have not ended, the ones being deleted among them.</param>
/// <param name="Ready">Pods that answer, as far as kubelets, gateways and nodes say.</param>
/// <param name="Lost">Pods that are not being deleted and that nobody can reach, or whose node is not ready: they may come back.</param>
/// <param name="Taken">Pods whose node is lost, and which are taken from the API now: their ReplicaSet makes others.</param>
public sealed record RevisionView(string Name, ServingDeployment? Deployment, IReadOnlyList<ServingPod> Pods, int Ready, int Lost, int Taken)
{
    /// <summary>Replicas that its Deployment is told to have.</summary>
    public int Replicas => Deployment?.Spec.Replicas ?? 0;

    public ServedModelStatus? Model => Deployment?.Model;

    public static RevisionView None(string name) => new(name, null, [], 0, 0, 0);
}
