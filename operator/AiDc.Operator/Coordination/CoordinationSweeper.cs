using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Caching;
using AiDc.Operator.Coordination.Board;
using AiDc.Operator.Coordination.Sessions;

namespace AiDc.Operator.Coordination;

/// <summary>Lets go, each minute, of what is kept for jobs and pods that are gone.</summary>
internal sealed class CoordinationSweeper(
    ProgressBoard board, GangBoard gangs, ProgressEndpoint endpoint, IStore<TrainingJob> jobs, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Sweep();
    }

    internal void Sweep()
    {
        endpoint.Sweep();
        if (!jobs.HasSynced)
            return;
        foreach (var job in board.List().Select(p => p.Job).Where(IsGone))
            board.Forget(job.Uid);
        foreach (var job in gangs.Jobs.Where(IsGone))
            gangs.Forget(job.Uid);
    }

    private bool IsGone(JobKey job) => jobs.Get(new(job.Namespace, job.Name))?.Metadata.Uid != job.Uid;
}
