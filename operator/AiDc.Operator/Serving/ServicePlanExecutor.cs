using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Events;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Observed;

namespace AiDc.Operator.Serving;

/// <summary>
/// Carries out a plan: its status first, with the version that was decided on, so that of two operators one is refused before it
/// does anything; then its steps in order. May be cut off anywhere.
/// </summary>
public sealed partial class ServicePlanExecutor(
    IKubernetesClient client, ServiceObjects serviceObjects, ConsistencyStore consistency, IEventRecorder events, ServiceMemory memory, ServingMetrics metrics,
    TimeProvider clock, ILogger<ServicePlanExecutor> logger)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1);

    /// <returns>False where there is something that the next plan has to say: that the API server refused to create something, or no longer does.</returns>
    public async Task<bool> ExecuteAsync(ServiceSnapshot snapshot, ServicePlan plan, CancellationToken ct)
    {
        var service = snapshot.Service;
        if (plan.Status is { } status)
        {
            if (await WriteStatusAsync(service, status, ct) is not { } written) return true;
            metrics.Changed(service, status);
            service = written;
        }
        foreach (var e in plan.Events) events.Publish(service, e.Type, e.Reason, e.Action, e.Note);

        var name = NamespacedName.Of(service);
        // Told by the next plan; it hinders nothing else.
        var isNews = false;
        // Replicas serve without these objects: what fails is tried again once the other steps are done.
        ApiException? failed = null;
        foreach (var step in plan.Steps)
        {
            if (step is EnsureServiceObjects objects)
            {
                try
                {
                    isNews |= await EnsureObjectsAsync(service, objects, ct) != snapshot.ObjectsProblem || snapshot.ObjectsFor?.Generation != objects.For.Generation;
                }
                catch (ApiException e)
                {
                    failed = e;
                }
                continue;
            }
            var refused = step switch
            {
                CreateRevision create => await CreateAsync(service, create, ct),
                ScaleRevision scale => await ScaleAsync(name, scale, ct),
                DeleteRevision delete => await DeleteAsync(name, delete, ct),
                DeletePod pod => await DeletePodAsync(name, pod, ct),
                _ => throw new InvalidOperationException($"{step.GetType().Name} is no step of a service"),
            };
            if (refused is null) continue;
            Remember(service, snapshot.Refusal, refused);
            return false;
        }
        if (plan.Record is { } record) await RecordAsync(service, record, ct);
        if (failed is not null) ExceptionDispatchInfo.Throw(failed);
        return !isNews;
    }

    /// <summary>With the version that was decided on: what somebody has written meanwhile is not overwritten.</summary>
    private async Task RecordAsync(InferenceService service, ReplicasRecord record, CancellationToken ct)
    {
        var name = NamespacedName.Of(service);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = service.Metadata.Uid,
                ["resourceVersion"] = service.Metadata.ResourceVersion,
                ["annotations"] = new JsonObject { [Annotations.ReplicasByLoad] = record.Replicas?.ToString(CultureInfo.InvariantCulture) },
            },
        };
        if (record.Replicas is { } replicas)
            patch["spec"] = new JsonObject { ["scaling"] = new JsonObject { ["replicas"] = replicas } };
        try
        {
            var written = await client.PatchMergeAsync<InferenceService>(name, patch, ct);
            consistency.WroteAt<InferenceService>(OwnerKey.Of<InferenceService>(name), written.Metadata.ResourceVersion);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // It changed meanwhile: the next plan sees how.
        }
    }

    private async Task<InferenceService?> WriteStatusAsync(InferenceService service, InferenceServiceStatus status, CancellationToken ct)
    {
        var name = NamespacedName.Of(service);
        InferenceService written;
        try
        {
            written = await client.ApplyStatusAsync(service, status, ct, service.Metadata.ResourceVersion);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
        consistency.WroteAt<InferenceService>(OwnerKey.Of<InferenceService>(name), written.Metadata.ResourceVersion);
        memory.Wrote(name, service.Metadata.Uid, clock.GetUtcNow());
        if (status.Phase != service.Status.Phase) LogPhase(logger, name, service.Status.Phase, status.Phase, status.Message);
        return written;
    }

    private async Task<Refused?> EnsureObjectsAsync(InferenceService service, EnsureServiceObjects step, CancellationToken ct)
    {
        var problem = await serviceObjects.EnsureAsync(service, step, ct);
        memory.SawObjects(
            NamespacedName.Of(service), service.Metadata.Uid, step.For,
            clock.GetUtcNow() + (problem is null ? ServiceObjects.Every : ServiceObjects.Again), problem);
        return problem;
    }

    private async Task<Refused?> CreateAsync(InferenceService service, CreateRevision step, CancellationToken ct)
    {
        var owner = NamespacedName.Of(service);
        try
        {
            var receipt = await client.CreateFastAsync(step.Deployment, ct);
            consistency.WroteAt<ServingDeployment>(OwnerKey.Of<InferenceService>(owner), receipt.ResourceVersion);
            LogCreated(logger, owner, receipt.Name, step.Deployment.Spec.Replicas ?? 0);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var existing = await client.GetAsync<ServingDeployment>(NamespacedName.Of(step.Deployment), ct);
            if (existing is not null && existing.OwnerUid != service.Metadata.Uid)
                return new(Reasons.NameConflict, $"Deployment {step.Deployment.Metadata.Name} exists and is not this service's: delete it, or give the service another name");
            if (existing is not null) consistency.WroteAt<ServingDeployment>(OwnerKey.Of<InferenceService>(owner), existing.Metadata.ResourceVersion);
        }
        catch (ApiException e) when (RefusalPolicy.ReasonOf(e) is { } reason)
        {
            return new(reason, e.Status?.Message ?? e.Message);
        }
        memory.Accepted(owner, service.Metadata.Uid);
        return null;
    }

    private async Task<Refused?> ScaleAsync(NamespacedName owner, ScaleRevision step, CancellationToken ct)
    {
        try
        {
            var patch = new { metadata = new { uid = step.Uid }, spec = new { replicas = step.To } };
            var written = await client.PatchMergeAsync<ServingDeployment>(new(owner.Namespace, step.Name), patch, ct);
            consistency.WroteAt<ServingDeployment>(OwnerKey.Of<InferenceService>(owner), written.Metadata.ResourceVersion);
            LogScaled(logger, owner, step.Name, step.From, step.To);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody deleted it; the next plan makes it again if it is wanted.
        }
        return null;
    }

    private async Task<Refused?> DeleteAsync(NamespacedName owner, DeleteRevision step, CancellationToken ct)
    {
        var name = new NamespacedName(owner.Namespace, step.Name);
        await client.DeleteAsync<ServingDeployment>(name, new(Uid: step.Uid, PropagationPolicy: "Background"), ct);
        consistency.Deleted<ServingDeployment>(OwnerKey.Of<InferenceService>(owner), name, step.Uid);
        LogDeleted(logger, owner, step.Name);
        return null;
    }

    /// <param name="owner">The service whose pods they were.</param>
    public async Task DeletePodsAsync(NamespacedName owner, IEnumerable<DeletePod> steps, CancellationToken ct)
    {
        foreach (var step in steps) await DeletePodAsync(owner, step, ct);
    }

    private async Task<Refused?> DeletePodAsync(NamespacedName owner, DeletePod step, CancellationToken ct)
    {
        var pod = new NamespacedName(owner.Namespace, step.Name);
        try
        {
            await client.DeleteAsync<ServingPod>(pod, new(Uid: step.Uid, GracePeriodSeconds: step.Force ? 0 : null), ct);
            metrics.PodLost();
            LogLost(logger, owner, step.Name, step.Why);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another pod has the name by now; the one that was meant is gone.
        }
        consistency.Deleted<ServingPod>(OwnerKey.Of<InferenceService>(owner), pod, step.Uid);
        return null;
    }

    private void Remember(InferenceService service, CreationRefusal? before, Refused refused)
    {
        var name = NamespacedName.Of(service);
        var next = RefusalPolicy.Next(
            refused.Reason, refused.Message, service.Metadata.Generation, service.Metadata.Uid, before, FirstBackoff, clock.GetUtcNow());
        memory.Refused(name, service.Metadata.Uid, next);
        if (next.InRow == 1) LogRefused(logger, name, refused.Reason, refused.Message);
    }

    [LoggerMessage(3001, LogLevel.Information, "{Service}: {From} -> {To}: {Why}")]
    private static partial void LogPhase(ILogger logger, NamespacedName service, string from, string to, string why);

    [LoggerMessage(3002, LogLevel.Information, "{Service}: revision {Revision} with {Replicas} replica(s)")]
    private static partial void LogCreated(ILogger logger, NamespacedName service, string revision, int replicas);

    [LoggerMessage(3003, LogLevel.Information, "{Service}: revision {Revision} from {From} to {To} replica(s)")]
    private static partial void LogScaled(ILogger logger, NamespacedName service, string revision, int from, int to);

    [LoggerMessage(3004, LogLevel.Information, "{Service}: revision {Revision} is no longer needed")]
    private static partial void LogDeleted(ILogger logger, NamespacedName service, string revision);

    [LoggerMessage(3005, LogLevel.Warning, "{Service}: takes pod {Pod} from the API: {Why}")]
    private static partial void LogLost(ILogger logger, NamespacedName service, string pod, string why);

    [LoggerMessage(3006, LogLevel.Warning, "{Service}: the API server does not create its revision: {Reason}: {Message}")]
    private static partial void LogRefused(ILogger logger, NamespacedName service, string reason, string message);
}
