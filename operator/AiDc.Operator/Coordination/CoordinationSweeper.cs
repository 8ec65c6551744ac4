using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Caching;
using AiDc.Operator.Coordination.Authentication;
using AiDc.Operator.Coordination.Board;
using AiDc.Operator.Coordination.Sessions;

namespace AiDc.Operator.Coordination;

/// <summary>Lets go, each minute, of what is kept for jobs and pods that are gone.</summary>
internal sealed class CoordinationSweeper(
    ProgressBoard board, WorkerAuthenticator authenticator, ProgressEndpoint endpoint, IStore<TrainingJob> jobs, TimeProvider clock) : BackgroundService
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
        authenticator.Sweep();
        endpoint.Sweep();
        if (!jobs.HasSynced)
            return;
        foreach (var progress in board.List())
            if (jobs.Get(new(progress.Job.Namespace, progress.Job.Name))?.Metadata.Uid != progress.Job.Uid)
                board.Forget(progress.Job.Uid);
    }
}
