using AiDc.Api.V1Alpha1;

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
