using AiDc.ControllerRuntime.Leadership;

namespace AiDc.Operator.Tests.Coordination;

/// <summary>A lease whose holder the test decides.</summary>
internal sealed class FixedLeadership(string identity) : ILeadership
{
    public string Identity => identity;

    public LeadershipState State { get; private set; } = new(false, null, 0);

    public event Action<LeadershipState>? Changed;

    public void Become(LeadershipState state)
    {
        State = state;
        Changed?.Invoke(state);
    }

    public Task WaitForLeadershipAsync(CancellationToken ct) => Task.CompletedTask;
}
