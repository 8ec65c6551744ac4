using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Validation;
using AiDc.Api.Values;

namespace AiDc.Operator.Serving.Policies;

/// <summary>
/// Finds the place of a model. The result of a training job is kept once it was found, whatever becomes of the job; a newer one is taken only
/// where that is asked for.
/// </summary>
public static class ModelPolicy
{
    /// <param name="jobs">The training jobs of the namespace that are named, by name.</param>
    /// <param name="recorded">Models that are served already.</param>
    /// <param name="tried">The model of the canary that is being tried: it is, to the end, also where its job is deleted or runs again meanwhile.</param>
    public static ModelDecision Resolve(
        ServedModelSpec model, IReadOnlyDictionary<string, TrainingJob> jobs, IEnumerable<ServedModelStatus?> recorded, ServedModelStatus? tried,
        ValidationContext context)
    {
        if (model.Uri is { } uri) return new(new(model, uri, model.SecretRef?.Name));
        var name = model.TrainingJob!;
        var job = jobs.GetValueOrDefault(name);
        var known = Known(model, recorded.FirstOrDefault(r => r?.TrainingJob == name));
        var newest = (job is null ? null : ResultOf(model, job)) ?? (tried?.TrainingJob == name ? Known(model, tried) : null);
        if (known is not null)
            return new(known, model.Follow && newest is not null && !newest.IsRecordedAs(known.Status) && IsAllowed(newest, context) ? newest : null);
        if (job is null) return ModelDecision.Wait(Reasons.TrainingPending, $"waits for TrainingJob {name}, which does not exist");
        if (newest is null) return Unfinished(job);
        return IsAllowed(newest, context) ? new(newest)
            : ModelDecision.Wait(Reasons.NoResult, $"the result of TrainingJob {name} is at {newest.Uri}, which cannot be served from: let it write to a volume or to S3");
    }

    private static ResolvedModel? Known(ServedModelSpec model, ServedModelStatus? record) =>
        record?.Uri is { } uri ? new(model, uri, record.Secret, record.TrainingJobUid) : null;

    private static ResolvedModel? ResultOf(ServedModelSpec model, TrainingJob job) =>
        job.Status is { Phase: TrainingJobPhase.Succeeded, Result.Uri: { } uri }
            ? new(model, uri, (model.SecretRef ?? job.Spec.Checkpoint?.SecretRef)?.Name, job.Metadata.Uid)
            : null;

    private static ModelDecision Unfinished(TrainingJob job)
    {
        var name = job.Metadata.Name;
        return job.Status.Phase switch
        {
            TrainingJobPhase.Failed => ModelDecision.Wait(Reasons.TrainingFailed, $"TrainingJob {name} failed and has left no model: {job.Status.Message}"),
            TrainingJobPhase.Succeeded => ModelDecision.Wait(Reasons.NoResult,
                $"TrainingJob {name} has left no model: an image of one's own names it in its termination message, as {{\"result\": {{\"uri\": …}}}}"),
            var phase => ModelDecision.Wait(Reasons.TrainingPending,
                $"waits for the result of TrainingJob {name}, which is {phase}{(job.Status.Progress?.Summary is { } progress ? $": {progress}" : "")}"),
        };
    }

    private static bool IsAllowed(ResolvedModel model, ValidationContext context) =>
        ModelUri.TryParse(model.Uri, out var uri, out _, out _)
        && (uri.Storage is not { Scheme: StorageScheme.HostPath } folder || folder.IsBelowAny(context.AllowedHostPaths));
}
