using System.Collections.Concurrent;
using AiDc.ControllerRuntime;
using AiDc.Operator.Planning;

namespace AiDc.Operator.Training;

/// <summary>
/// What this process remembers of jobs apart from what the API holds: nothing that matters if it is lost. When their status was written, to
/// write it less often, and what the API server refuses, to ask it less often.
/// </summary>
public sealed class JobMemory
{
    private readonly ConcurrentDictionary<NamespacedName, Entry> entries = new();

    /// <summary>Of a job's present life; a new job of the old name has another uid and nothing remembered.</summary>
    public Entry Of(NamespacedName job, string uid) => entries.TryGetValue(job, out var entry) && entry.Uid == uid ? entry : new(uid);

    public void Wrote(NamespacedName job, string uid, DateTimeOffset at, bool progress) =>
        Change(job, uid, e => e with { LastWrite = at, LastProgressWrite = progress ? at : e.LastProgressWrite });

    public void Refused(NamespacedName job, string uid, CreationRefusal refusal) => Change(job, uid, e => e with { Refusal = refusal });

    public void Accepted(NamespacedName job, string uid)
    {
        if (Of(job, uid).Refusal is not null) Change(job, uid, e => e with { Refusal = null });
    }

    public void Forget(NamespacedName job) => entries.TryRemove(job, out _);

    private void Change(NamespacedName job, string uid, Func<Entry, Entry> change) =>
        entries.AddOrUpdate(job, _ => change(new(uid)), (_, known) => change(known.Uid == uid ? known : new(uid)));

    public sealed record Entry(string Uid, DateTimeOffset? LastWrite = null, DateTimeOffset? LastProgressWrite = null, CreationRefusal? Refusal = null);
}
