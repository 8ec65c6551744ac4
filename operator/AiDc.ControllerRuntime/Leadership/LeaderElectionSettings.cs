namespace AiDc.ControllerRuntime.Leadership;

/// <param name="Duration">How long the others wait for a silent leader; whole seconds.</param>
/// <param name="RenewDeadline">A leader that could not renew for so long has lost.</param>
/// <param name="RetryPeriod">Between looks at the lease, and between renewals.</param>
public sealed record LeaderElectionSettings(
    NamespacedName Lease, string Identity, TimeSpan Duration, TimeSpan RenewDeadline, TimeSpan RetryPeriod);
