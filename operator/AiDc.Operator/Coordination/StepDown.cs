using AiDc.ControllerRuntime.Leadership;
using AiDc.Operator.Coordination.Sessions;

namespace AiDc.Operator.Coordination;

/// <summary>A replica that loses the lease ends its streams: its workers dial again and find the leader, not in a heartbeat's time but now.</summary>
internal sealed class StepDown(ILeadership leadership, SessionRegistry sessions) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        leadership.Changed += OnChanged;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        leadership.Changed -= OnChanged;
        return Task.CompletedTask;
    }

    private void OnChanged(LeadershipState state)
    {
        if (!state.IsLeader)
            sessions.EndAll();
    }
}
