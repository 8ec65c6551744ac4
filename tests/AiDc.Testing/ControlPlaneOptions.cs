namespace AiDc.Testing;

/// <summary>What of a control plane to start.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>Authorise by RBAC; else everybody may do everything.</summary>
    public bool Rbac { get; init; }

    /// <summary>Pods need a service account, as in a real cluster. Needs the controller manager, which makes them.</summary>
    public bool ServiceAccounts { get; init; }

    /// <summary>Garbage collection, Jobs, namespaces' ends, service accounts.</summary>
    public bool ControllerManager { get; init; }

    public bool Scheduler { get; init; }

    /// <summary>Further users besides the admin: name, bearer token, groups separated by commas.</summary>
    public IReadOnlyList<(string Name, string Token, string Groups)> Users { get; init; } = [];

    public IReadOnlyList<string> ApiServerArguments { get; init; } = [];

    public IReadOnlyList<string> ControllerManagerArguments { get; init; } = [];

    public IReadOnlyList<string> SchedulerArguments { get; init; } = [];

    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(90);
}
