namespace AiDc.ControllerRuntime.Leadership;

/// <summary>Leads without asking: for an operator of which there is only one.</summary>
public sealed class AlwaysLeader(string identity) : ILeadership
{
    public event Action<LeadershipState>? Changed
    {
        add { }
        remove { }
    }

    public string Identity => identity;

    public LeadershipState State { get; } = new(true, identity, 0);

    public Task WaitForLeadershipAsync(CancellationToken ct) => Task.CompletedTask;
}
