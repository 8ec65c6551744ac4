using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Coordination;
using AiDc.Operator.Nodes;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Training;

/// <summary>
/// Has a job looked at when its workers report something, and when a node changes that a pod of it is on. The boards already hold back
/// what comes too often.
/// </summary>
internal sealed class TrainingWakeUp(
    IProgressBoard board, NodeWatch nodes, IStore<ObservedPod> pods, IRequestQueue<TrainingJobReconciler> queue, IGangBoard? gangs = null) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        board.Changed += Wake;
        nodes.Changed += WakeNode;
        if (gangs is not null) gangs.Changed += Wake;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        board.Changed -= Wake;
        nodes.Changed -= WakeNode;
        if (gangs is not null) gangs.Changed -= Wake;
        return Task.CompletedTask;
    }

    private void Wake(JobKey job) => queue.Enqueue(new(job.Namespace, job.Name));

    private void WakeNode(string node)
    {
        foreach (var job in pods.ByIndex(ObservedPod.ByNode, node).Select(p => p.Owner).OfType<NamespacedName>().Distinct()) queue.Enqueue(job);
    }
}
