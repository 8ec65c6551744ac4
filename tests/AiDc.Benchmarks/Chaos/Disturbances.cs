using AiDc.Benchmarks.Failover;

namespace AiDc.Benchmarks.Chaos;

/// <summary>Carries a disturbance out and takes it back.</summary>
internal static class Disturbances
{
    public static async Task CarryOutAsync(ChaosPlan.Event what, ElasticJob job, CancellationToken ct)
    {
        switch (what.What)
        {
            case Disturbance.KillWorker:
                if (await AnyWorkerAsync(job, what.Node, ct) is { } victim)
                    await LocalCluster.SignalContainerAsync(ElasticJob.Namespace, victim, "KILL", ct);
                break;
            case Disturbance.PauseWorker:
                await PauseAsync(job, what, ct);
                break;
            case Disturbance.CutLink:
                await PowerAsync(what, "link", ct);
                break;
            case Disturbance.DropPackets:
                await PowerAsync(what, "drop", ct);
                break;
            case Disturbance.PowerCut:
                await PowerAsync(what, "kill", ct);
                break;
            case Disturbance.DelayPackets:
                await LocalCluster.SlowDownAsync(what.Node, slow: true, ct);
                await Task.Delay(what.For, ct);
                await LocalCluster.SlowDownAsync(what.Node, slow: false, ct);
                break;
            case Disturbance.KillLeader:
                await KillLeaderAsync(ct);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(what), what.What, "unknown disturbance");
        }
    }

    private static async Task KillLeaderAsync(CancellationToken ct)
    {
        var (leader, _) = await LocalCluster.LeaderAsync(ct);
        await LocalCluster.SignalContainerAsync("aidc-system", leader, "KILL", ct);
        await LocalCluster.RenewReplicaAsync(leader, ct);
    }

    private static async Task PowerAsync(ChaosPlan.Event what, string how, CancellationToken ct)
    {
        await LocalCluster.PowerOffAsync(what.Node, how, ct);
        await Task.Delay(what.For, ct);
        await LocalCluster.PowerOnAsync(what.Node, ct);
    }

    private static async Task PauseAsync(ElasticJob job, ChaosPlan.Event what, CancellationToken ct)
    {
        if (await AnyWorkerAsync(job, what.Node, ct) is not { } victim)
            return;
        await LocalCluster.SignalContainerAsync(ElasticJob.Namespace, victim, "STOP", ct);
        await Task.Delay(what.For, ct);
        await LocalCluster.SignalContainerAsync(ElasticJob.Namespace, victim, "CONT", ct);
    }

    private static async Task<string?> AnyWorkerAsync(ElasticJob job, string node, CancellationToken ct)
    {
        var workers = await job.WorkersAsync(ct);
        return workers.Where(w => w.Node == node).Concat(workers).Select(w => w.Pod).FirstOrDefault();
    }
}
