using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Events;
using AiDc.Operator.Coordination;
using AiDc.Operator.Membership;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training;

/// <summary>
/// Carries out a plan: its status first, with the version that was decided on, so that of two operators one is refused before it
/// does anything; then its steps in order. May be cut off anywhere.
/// </summary>
public sealed partial class PlanExecutor(
    IKubernetesClient client, WorkerCreator creator, ConsistencyStore consistency, IEventRecorder events, JobMemory memory, TrainingMetrics metrics,
    TrainingOptions options, TimeProvider clock, ILogger<PlanExecutor> logger, IGangBoard? gangs = null)
{
    private const int DeletesAtOnce = 8;

    /// <returns>False where the API server refused to create something: it is remembered, and the next plan says so.</returns>
    public async Task<bool> ExecuteAsync(TrainingJobSnapshot snapshot, TrainingPlan plan, CancellationToken ct)
    {
        var job = snapshot.Job;
        if (plan.Status is { } status)
        {
            if (await WriteStatusAsync(job, status, ct) is not { } written) return true;
            metrics.Changed(job.Metadata, job.Status, status, plan.RestartCause);
            job = written;
        }
        // Right after it is written: the workers wait for it.
        foreach (var step in plan.Steps.OfType<AnnounceMembership>()) Announce(job, step.Decision);
        foreach (var e in plan.Events) events.Publish(job, e.Type, e.Reason, e.Action, e.Note);

        await DeletePodsAsync(NamespacedName.Of(job), [.. plan.Steps.OfType<DeletePod>()], ct);
        string? masterAddress = null;
        foreach (var step in plan.Steps)
        {
            Refused? refused = null;
            if (step is EnsureMasterService service) (masterAddress, refused) = await creator.EnsureServiceAsync(job, service, ct);
            else if (step is CreateWorkers workers) refused = await CreateAsync(workers, masterAddress, ct);
            else if (step is DeleteJob delete) await DeleteJobAsync(job, delete, ct);
            if (refused is null) continue;
            Remember(job, snapshot.Refusal, refused);
            return false;
        }
        return true;
    }

    private void Announce(TrainingJob job, MembershipDecision decision)
    {
        LogMembership(logger, NamespacedName.Of(job), decision.Membership!.Generation, decision.Membership.IsHold ? 0 : decision.Membership.Members.Count, decision.Message);
        gangs?.Announce(new(job.Metadata.NamespaceProperty, job.Metadata.Name, job.Metadata.Uid), decision);
    }

    private async Task<TrainingJob?> WriteStatusAsync(TrainingJob job, TrainingJobStatus status, CancellationToken ct)
    {
        var name = NamespacedName.Of(job);
        TrainingJob written;
        try
        {
            written = await client.ApplyStatusAsync(job, status, ct, job.Metadata.ResourceVersion);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
        consistency.WroteAt<TrainingJob>(OwnerKey.Of<TrainingJob>(name), written.Metadata.ResourceVersion);
        memory.Wrote(name, job.Metadata.Uid, clock.GetUtcNow(), progress: status.Progress?.UpdatedAt != job.Status.Progress?.UpdatedAt);
        if (status.Attempt != job.Status.Attempt) LogAttempt(logger, name, status.Attempt, status.Message);
        if (status.Phase != job.Status.Phase || job.Status.ObservedGeneration is null) LogPhase(logger, name, job.Status.Phase, status.Phase, status.Message);
        return written;
    }

    /// <param name="owner">The job whose pods they are, or were.</param>
    public async Task DeletePodsAsync(NamespacedName owner, DeletePod[] steps, CancellationToken ct)
    {
        if (steps.Length == 0) return;
        LogDeletes(logger, owner, steps.Length, steps[0].Why);
        await Parallel.ForEachAsync(steps, new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = ct }, async (step, token) =>
        {
            var pod = new NamespacedName(owner.Namespace, step.Name);
            try
            {
                await client.DeleteAsync<ObservedPod>(pod, new(Uid: step.Uid, GracePeriodSeconds: step.Force ? 0 : null), token);
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Another pod has the name by now; the one that was meant is gone.
            }
            consistency.Deleted<ObservedPod>(OwnerKey.Of<TrainingJob>(owner), pod, step.Uid);
        });
    }

    private async Task<Refused?> CreateAsync(CreateWorkers step, string? masterAddress, CancellationToken ct)
    {
        var job = step.Gang.Job;
        var refused = await creator.CreateAsync(step, masterAddress, ct);
        if (refused is null) memory.Accepted(NamespacedName.Of(job), job.Metadata.Uid);
        return refused;
    }

    private void Remember(TrainingJob job, CreationRefusal? before, Refused refused)
    {
        var name = NamespacedName.Of(job);
        var next = RefusalPolicy.Next(
            refused.Reason, refused.Message, job.Metadata.Generation, job.Metadata.Uid, before, options.FirstBackoff, clock.GetUtcNow());
        memory.Refused(name, job.Metadata.Uid, next);
        if (next.InRow == 1) LogRefused(logger, name, refused.Reason, refused.Message);
    }

    private async Task DeleteJobAsync(TrainingJob job, DeleteJob step, CancellationToken ct)
    {
        var name = NamespacedName.Of(job);
        LogExpired(logger, name, step.Why);
        await client.DeleteAsync<TrainingJob>(
            name, new(Uid: job.Metadata.Uid, ResourceVersion: job.Metadata.ResourceVersion, PropagationPolicy: "Background"), ct);
    }

    [LoggerMessage(1001, LogLevel.Information, "{Job}: attempt {Attempt}: {Why}")]
    private static partial void LogAttempt(ILogger logger, NamespacedName job, int attempt, string why);

    [LoggerMessage(1002, LogLevel.Information, "{Job}: {From} -> {To}: {Why}")]
    private static partial void LogPhase(ILogger logger, NamespacedName job, string from, string to, string why);

    [LoggerMessage(1003, LogLevel.Information, "{Job}: deletes {Count} pod(s): {Why}")]
    private static partial void LogDeletes(ILogger logger, NamespacedName job, int count, string why);

    [LoggerMessage(1004, LogLevel.Warning, "{Job}: the API server does not create its pods: {Reason}: {Message}")]
    private static partial void LogRefused(ILogger logger, NamespacedName job, string reason, string message);

    [LoggerMessage(1006, LogLevel.Information, "{Job}: generation {Generation} of {Members} member(s): {Why}")]
    private static partial void LogMembership(ILogger logger, NamespacedName job, long generation, int members, string why);

    [LoggerMessage(1005, LogLevel.Information, "{Job}: deleted: {Why}")]
    private static partial void LogExpired(ILogger logger, NamespacedName job, string why);
}
