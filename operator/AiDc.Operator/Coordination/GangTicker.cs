using AiDc.Operator.Coordination.Board;

namespace AiDc.Operator.Coordination;

/// <summary>Looks for silent workers, ten times a second, on the same pool of threads that hears them: where that is late, so is this.</summary>
internal sealed class GangTicker(GangBoard board, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(GangBoard.Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            board.Tick();
    }
}
