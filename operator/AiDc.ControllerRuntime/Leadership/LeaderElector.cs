using System.Text.Json.Nodes;
using AiDc.ControllerRuntime.Client;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AiDc.ControllerRuntime.Leadership;

/// <summary>
/// Holds a Lease, or waits for it. Give it a client of its own without retries: a leader must learn in time that it cannot
/// renew, and must not wait behind its own traffic.
/// </summary>
public sealed partial class LeaderElector(
    IKubernetesClient client, LeaderElectionSettings settings, TimeProvider clock, Func<double> random, ILogger<LeaderElector> logger) : ILeadership
{
    private readonly long start = clock.GetTimestamp();
    private readonly TaskCompletionSource elected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile LeadershipState state = new(false, null, 0);
    private LeaseMemory memory = LeaseMemory.None;
    private TimeSpan takenAfterSilence;
    private string? lastError;

    public event Action<LeadershipState>? Changed;

    public string Identity => settings.Identity;

    public LeadershipState State => state;

    private TimeSpan Now => clock.GetElapsedTime(start);

    public Task WaitForLeadershipAsync(CancellationToken ct) => elected.Task.WaitAsync(ct);

    /// <summary>Stands for election until cancelled, or until the leadership that was won is lost.</summary>
    /// <returns>True if it was lost: the caller has to end the process, for others lead now.</returns>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                if (!await StepAsync(ct))
                {
                    Publish(new(false, memory.Lease?.Holder == Identity ? null : memory.Lease?.Holder, memory.Transitions));
                    LogLost(logger, settings.Lease, memory.Lease?.Holder);
                    // It is not ours to give back.
                    memory = memory with { RenewedAt = null };
                    return true;
                }
                await Task.Delay(NextLook(), clock, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    /// <summary>Gives the lease back, so that the next leader need not wait for it to expire. After <see cref="RunAsync"/> only.</summary>
    public async Task ReleaseAsync(CancellationToken ct)
    {
        if (!memory.IsLeading || memory.Lease is not { } lease) return;
        Publish(state with { IsLeader = false, Holder = null });
        try
        {
            var patch = Patch(lease.ResourceVersion, new() { ["holderIdentity"] = null, ["leaseDurationSeconds"] = 1, ["renewTime"] = Micro() });
            await client.PatchMergeAsync<V1Lease>(settings.Lease, patch, ct);
            LogReleased(logger, settings.Lease);
        }
        catch (ApiException e)
        {
            // It expires by itself.
            LogNotReleased(logger, settings.Lease, e.Message);
        }
        memory = memory with { RenewedAt = null };
    }

    /// <returns>False: leadership is lost.</returns>
    private async Task<bool> StepAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Positive(LeaseDecision.RequestTimeout(memory, settings.RenewDeadline, Now)), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            // A leader knows what the lease is: it renews without reading, and a conflict tells that it was wrong.
            if (!memory.IsLeading || lastError is not null) memory = memory.Saw(await ReadAsync(either.Token), Now);
            var action = LeaseDecision.Decide(memory, Identity, settings.RenewDeadline, Now);
            if (action == LeaseAction.Lost) return false;
            if (action != LeaseAction.Wait) await WriteAsync(action, either.Token);
            lastError = null;
        }
        catch (ApiException e) when (e.IsConflict || e.IsAlreadyExists)
        {
            // Another candidate was faster: to be seen at the next look, and nothing to complain of.
            lastError = e.Message;
        }
        catch (ApiException e)
        {
            Failed(e.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Failed("no answer in time");
        }
        if (LeaseDecision.Decide(memory, Identity, settings.RenewDeadline, Now) == LeaseAction.Lost) return false;
        Publish(new(memory.IsLeading, memory.Lease?.Holder is { Length: > 0 } holder ? holder : null, Math.Max(0, memory.Transitions))
        {
            TakenAfterSilence = memory.IsLeading ? takenAfterSilence : TimeSpan.Zero,
        });
        return true;
    }

    private async Task<LeaseView?> ReadAsync(CancellationToken ct) =>
        await client.GetAsync<V1Lease>(settings.Lease, ct) is { } lease ? View(lease) : null;

    private async Task WriteAsync(LeaseAction action, CancellationToken ct)
    {
        var sent = Now;
        var transitions = LeaseDecision.TransitionsAfter(action, memory);
        var seconds = (int)Math.Ceiling(settings.Duration.TotalSeconds);
        V1Lease written;
        if (action == LeaseAction.Create)
        {
            var now = MicroTime.Of(clock.GetUtcNow());
            written = await client.CreateAsync(
                new V1Lease
                {
                    Metadata = new() { Name = settings.Lease.Name, NamespaceProperty = settings.Lease.Namespace },
                    Spec = new()
                    {
                        HolderIdentity = Identity, LeaseDurationSeconds = seconds, LeaseTransitions = transitions, AcquireTime = now, RenewTime = now,
                    },
                },
                ct);
        }
        else
        {
            var spec = new JsonObject
            {
                ["holderIdentity"] = Identity, ["leaseDurationSeconds"] = seconds, ["leaseTransitions"] = transitions, ["renewTime"] = Micro(),
            };
            if (action == LeaseAction.Acquire) spec["acquireTime"] = Micro();
            written = await client.PatchMergeAsync<V1Lease>(settings.Lease, Patch(memory.Lease!.ResourceVersion, spec), ct);
        }
        var first = !memory.IsLeading;
        if (first) takenAfterSilence = action == LeaseAction.Acquire && memory.Lease is { Holder.Length: > 0 } ? sent - memory.SeenAt : TimeSpan.Zero;
        memory = memory.Renewed(View(written), sent);
        if (!first) return;
        LogElected(logger, Identity, settings.Lease, memory.Transitions);
        Publish(new(true, Identity, memory.Transitions) { TakenAfterSilence = takenAfterSilence });
        elected.TrySetResult();
    }

    private TimeSpan NextLook()
    {
        var wait = settings.RetryPeriod * (1 + (memory.IsLeading ? 0 : random() * 0.2));
        if (memory.RenewedAt is not { } renewed) return wait;
        var left = renewed + settings.RenewDeadline - Now;
        return Positive(left < wait ? left : wait);
    }

    private void Failed(string error)
    {
        // Once per state: an unreachable server would fill the log at every look.
        if (lastError is null) LogTrouble(logger, settings.Lease, memory.IsLeading, error);
        lastError = error;
    }

    private void Publish(LeadershipState next)
    {
        if (next == state) return;
        state = next;
        Changed?.Invoke(next);
    }

    private string Micro() => MicroTime.Format(clock.GetUtcNow());

    private static JsonObject Patch(string resourceVersion, JsonObject spec) =>
        new() { ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion }, ["spec"] = spec };

    private static LeaseView View(V1Lease lease) => new(
        lease.Spec?.HolderIdentity, TimeSpan.FromSeconds(lease.Spec?.LeaseDurationSeconds ?? 0), lease.Spec?.LeaseTransitions ?? 0,
        lease.Metadata.ResourceVersion);

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.FromMilliseconds(1) ? time : TimeSpan.FromMilliseconds(1);

    [LoggerMessage(301, LogLevel.Information, "{Identity} leads by lease {Lease}, transition {Transitions}")]
    private static partial void LogElected(ILogger logger, string identity, NamespacedName lease, int transitions);

    [LoggerMessage(302, LogLevel.Critical, "Lease {Lease} is lost, held by {Holder}: ending, so that there are never two leaders")]
    private static partial void LogLost(ILogger logger, NamespacedName lease, string? holder);

    [LoggerMessage(303, LogLevel.Warning, "Lease {Lease} cannot be kept or looked at (leading: {Leading}); still trying. The service account needs "
        + "get, create and patch on leases.coordination.k8s.io there. {Error}")]
    private static partial void LogTrouble(ILogger logger, NamespacedName lease, bool leading, string error);

    [LoggerMessage(304, LogLevel.Information, "Lease {Lease} is given back")]
    private static partial void LogReleased(ILogger logger, NamespacedName lease);

    [LoggerMessage(305, LogLevel.Warning, "Lease {Lease} could not be given back and has to expire: {Error}")]
    private static partial void LogNotReleased(ILogger logger, NamespacedName lease, string error);
}
