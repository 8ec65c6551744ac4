using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Coordination;

namespace AiDc.Operator.Training;

/// <summary>Has a job looked at when its workers report something. The boards already hold back what comes too often.</summary>
internal sealed class ProgressWakeUp(IProgressBoard board, IRequestQueue<TrainingJobReconciler> queue, IGangBoard? gangs = null) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        board.Changed += Wake;
        if (gangs is not null) gangs.Changed += Wake;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        board.Changed -= Wake;
        if (gangs is not null) gangs.Changed -= Wake;
        return Task.CompletedTask;
    }

    private void Wake(JobKey job) => queue.Enqueue(new(job.Namespace, job.Name));
}
