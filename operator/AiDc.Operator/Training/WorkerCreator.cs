using System.Globalization;
using System.Net;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Builders;
using k8s.Models;

namespace AiDc.Operator.Training;

/// <summary>Creates the pods of a gang and the Service of its master. What exists already is taken for what it is, by its owner.</summary>
public sealed class WorkerCreator(IKubernetesClient client, ConsistencyStore consistency)
{
    /// <summary>So many pods are tried first, then twice as many each time: a gang that is refused is refused a few times, not a thousand.</summary>
    private const int FirstBatch = 16;

    /// <summary>Creates all, up to the first that is refused for a reason that a person has to fix.</summary>
    /// <exception cref="ApiException">Anything else that went wrong.</exception>
    public async Task<Refused?> CreateAsync(CreateWorkers step, string? masterAddress, CancellationToken ct)
    {
        var bodies = GangBodies.Render(step.Gang, step.Indexes, masterAddress, step.Incarnations);
        for (int from = 0, size = FirstBatch; from < bodies.Count; from += size, size *= 2)
        {
            var outcomes = await client.CreateManyAsync([.. bodies.Skip(from).Take(size)], ct);
            // First the receipts of all, so that the next look at the job waits until the cache has them, whatever else happened.
            foreach (var outcome in outcomes)
                if (outcome.Receipt is { } receipt) consistency.WroteAt<ObservedPod>(Owner(step.Gang.Job), receipt.ResourceVersion);
            foreach (var outcome in outcomes)
                if (outcome.Error is { } error && await ExplainAsync(step.Gang, outcome.Desired, error, ct) is { } refused) return refused;
        }
        return null;
    }

    /// <summary>Makes the Service lead to this attempt.</summary>
    /// <returns>Its address, or why there is none.</returns>
    public async Task<(string? Address, Refused? Refused)> EnsureServiceAsync(TrainingJob job, EnsureMasterService step, CancellationToken ct)
    {
        var name = NamespacedName.Of(step.Service);
        // Of the first attempt there is none yet as a rule, of later ones there is.
        var service = step.Attempt == 1 ? null : await client.GetAsync<V1Service>(name, ct);
        if (service is null)
        {
            try
            {
                return ((await client.CreateAsync(step.Service, ct)).Spec.ClusterIP, null);
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                service = await client.GetAsync<V1Service>(name, ct) ?? throw Stale($"Service {name} came and went");
            }
            catch (ApiException e) when (RefusalPolicy.ReasonOf(e) is { } reason)
            {
                return (null, new(reason, $"Service {name.Name}: {e.Status?.Message ?? e.Message}"));
            }
        }
        if (service.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true)?.Uid != job.Metadata.Uid)
            return (null, new(Reasons.NameConflict, Conflict("Service", name.Name, service.Metadata)));
        return (await PointAsync(service, step, ct), null);
    }

    private async Task<string> PointAsync(V1Service service, EnsureMasterService step, CancellationToken ct)
    {
        var leadsTo = service.Metadata.Labels is { } labels && labels.TryGetValue(Labels.Attempt, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) ? attempt : 0;
        if (leadsTo > step.Attempt) throw Stale($"Service {service.Metadata.Name} leads to attempt {leadsTo}, this operator is at {step.Attempt}");
        if (leadsTo == step.Attempt) return service.Spec.ClusterIP;
        var patch = new
        {
            metadata = new { resourceVersion = service.Metadata.ResourceVersion, labels = step.Service.Metadata.Labels },
            spec = new { selector = step.Service.Spec.Selector },
        };
        return (await client.PatchMergeAsync<V1Service>(NamespacedName.Of(service), patch, ct)).Spec.ClusterIP;
    }

    private async Task<Refused?> ExplainAsync(GangBlueprint gang, WorkerPodBody body, ApiException error, CancellationToken ct)
    {
        if (!error.IsAlreadyExists)
            return RefusalPolicy.ReasonOf(error) is { } reason ? new(reason, error.Status?.Message ?? error.Message) : throw error;
        var name = NamespacedName.Of(body);
        if (await client.GetAsync<ObservedPod>(name, ct) is not { } existing) throw Stale($"pod {name} came and went");
        if (existing.OwnerUid != gang.Job.Metadata.Uid) return new(Reasons.NameConflict, Conflict("pod", name.Name, existing.Metadata));
        consistency.WroteAt<ObservedPod>(Owner(gang.Job), existing.Metadata.ResourceVersion);
        return null;
    }

    private static string Conflict(string what, string name, V1ObjectMeta existing)
    {
        var owner = existing.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
        return owner is null
            ? $"{what} {name} exists and is not this job's: delete it, or give the job another name"
            : $"{what} {name} exists and belongs to {owner.Kind} {owner.Name} (uid {owner.Uid}): it has to go first";
    }

    private static OwnerKey Owner(TrainingJob job) => OwnerKey.Of<TrainingJob>(NamespacedName.Of(job));

    // A conflict is what it is: the loop tries again quietly, from what the caches say by then.
    private static ApiException Stale(string what) => new(HttpStatusCode.Conflict, new() { Reason = "Conflict", Message = what }, "plan is outdated");
}
