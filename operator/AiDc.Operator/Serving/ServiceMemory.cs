using System.Collections.Concurrent;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Policies;

namespace AiDc.Operator.Serving;

/// <summary>
/// What this process remembers of services outside the API: nothing that matters if it is lost. A leader that is new goes on with a canary from the
/// evidence in its status, which is at most seconds old.
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

    /// <param name="due">When they are to be seen to again.</param>
    /// <param name="problem">What is in their way; null for nothing.</param>
    public void SawObjects(NamespacedName service, string uid, ObjectsKey seen, DateTimeOffset due, Refused? problem) =>
        Change(service, uid, e => e with { ObjectsFor = seen, ObjectsDue = due, ObjectsProblem = problem });

    /// <summary>Adds what gateways have counted since the last call to what is known of a canary at its present step.</summary>
    public CanaryTrial Trial(NamespacedName service, string uid, CanaryStatus canary, string? stable, ServiceReading now)
    {
        var step = $"{canary.Revision} {canary.Step} {canary.Since:O}";
        Change(service, uid, e => e with
        {
            Tried = e.Tried?.Step == step
                ? e.Tried with { Trial = e.Tried.Trial.Next(now, canary.Revision!, stable) }
                : new(step, CanaryTrial.Begin(canary.Evidence, now)),
        });
        return Of(service, uid).Tried!.Trial;
    }

    public void Forget(NamespacedName service) => entries.TryRemove(service, out _);

    private void Change(NamespacedName service, string uid, Func<Entry, Entry> change) =>
        entries.AddOrUpdate(service, _ => change(new(uid)), (_, known) => change(known.Uid == uid ? known : new(uid)));

    /// <param name="ObjectsFor">What its Service, NetworkPolicy and budgets were last seen to for.</param>
    public sealed record Entry(
        string Uid, DateTimeOffset? LastWrite = null, CreationRefusal? Refusal = null, ObjectsKey? ObjectsFor = null, DateTimeOffset ObjectsDue = default, TriedStep? Tried = null, Refused? ObjectsProblem = null);

    /// <param name="Step">Which step of which canary, and since when.</param>
    public sealed record TriedStep(string Step, CanaryTrial Trial);
}
