using System.Collections.Concurrent;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Demand;

namespace AiDc.Operator.Serving;

/// <summary>
/// What this process remembers of services outside the API: nothing that matters if it is lost. A leader that is new measures the step of a canary
/// from its own beginning on, which takes longer and errs on no side.
/// </summary>
public sealed class ServiceMemory
{
    private readonly ConcurrentDictionary<NamespacedName, Entry> entries = new();

    /// <summary>Of a service's present life; a new service of the old name has another uid and nothing remembered.</summary>
    public Entry Of(NamespacedName service, string uid) => entries.TryGetValue(service, out var entry) && entry.Uid == uid ? entry : new(uid);

    public void Wrote(NamespacedName service, string uid, DateTimeOffset at) => Change(service, uid, e => e with { LastWrite = at });

    public void Refused(NamespacedName service, string uid, CreationRefusal refusal) => Change(service, uid, e => e with { Refusal = refusal });

    public void Accepted(NamespacedName service, string uid)
    {
        if (Of(service, uid).Refusal is not null) Change(service, uid, e => e with { Refusal = null });
    }

    /// <param name="until">When they are to be seen to again.</param>
    /// <param name="problem">What is in their way; null for nothing.</param>
    public void ObjectsAreThere(NamespacedName service, string uid, long generation, DateTimeOffset until, Refused? problem) =>
        Change(service, uid, e => e with { ObjectsOf = generation, ObjectsUntil = until, ObjectsProblem = problem });

    /// <summary>The load at the beginning of a canary's present step and of its trial; the present one where that is not remembered.</summary>
    public (ServiceReading Step, ServiceReading Trial) Marks(NamespacedName service, string uid, CanaryStatus canary, ServiceReading now)
    {
        var (step, trial) = ($"{canary.Revision} {canary.Step} {canary.Since:O}", canary.Revision ?? "");
        Change(service, uid, e => e with
        {
            Step = e.Step?.Key == step ? e.Step : new(step, now),
            Trial = e.Trial?.Key == trial ? e.Trial : new(trial, now),
        });
        var entry = Of(service, uid);
        return (entry.Step!.Load, entry.Trial!.Load);
    }

    public void Forget(NamespacedName service) => entries.TryRemove(service, out _);

    private void Change(NamespacedName service, string uid, Func<Entry, Entry> change) =>
        entries.AddOrUpdate(service, _ => change(new(uid)), (_, known) => change(known.Uid == uid ? known : new(uid)));

    /// <param name="ObjectsOf">The generation whose Service and budget are there.</param>
    public sealed record Entry(
        string Uid, DateTimeOffset? LastWrite = null, CreationRefusal? Refusal = null, long? ObjectsOf = null, DateTimeOffset? ObjectsUntil = null, Mark? Step = null, Mark? Trial = null, Refused? ObjectsProblem = null);

    /// <summary>A reading and what it is the beginning of.</summary>
    public sealed record Mark(string Key, ServiceReading Load);
}
