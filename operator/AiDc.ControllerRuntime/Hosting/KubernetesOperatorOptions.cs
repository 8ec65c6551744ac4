namespace AiDc.ControllerRuntime.Hosting;

/// <summary>Settings of the runtime; the defaults suit a Deployment of two replicas.</summary>
public sealed class KubernetesOperatorOptions
{
    public const string DefaultMeterName = "aidc";

    /// <summary>Names the operator: reportingController of events, user agent, lease.</summary>
    public string Name { get; set; } = "operator";

    /// <summary>The operator's own namespace, where its lease lies.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Only objects of this namespace are watched; null or empty: of all.</summary>
    public string? WatchNamespace { get; set; }

    /// <summary>Who this replica is, unique among replicas and restarts: holder of the lease, reportingInstance of events.</summary>
    public string Identity { get; set; } = "";

    /// <summary>False: this replica leads at once and for ever (only one may run).</summary>
    public bool LeaderElection { get; set; } = true;

    /// <summary>Name of the Lease; empty: that of the operator.</summary>
    public string LeaseName { get; set; } = "";

    /// <summary>How long the others wait for a silent leader; whole seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>A leader that could not renew for so long stops; below <see cref="LeaseDuration"/>.</summary>
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between attempts to renew or to acquire; below half of <see cref="RenewDeadline"/>.</summary>
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Start fails if the caches are not complete by then.</summary>
    public TimeSpan CacheSyncTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A reconcile that takes longer is cancelled and tried again.</summary>
    public TimeSpan ReconcileTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Unhealthy when the API server was not heard of by any informer for so long.</summary>
    public TimeSpan LivenessTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Creates in flight at once. With few the server and its etcd have little to do at a time, and each create costs them more.</summary>
    public int CreateConcurrency { get; set; } = 24;

    /// <summary>Requests a second over a long time; null: no limit of our own (the server has its own).</summary>
    public double? RequestsPerSecond { get; set; }

    /// <summary>Name of the meter; exporters put it in front of the instruments' names.</summary>
    public string MeterName { get; set; } = DefaultMeterName;

    internal string EffectiveLeaseName => LeaseName.Length > 0 ? LeaseName : Name;
}
