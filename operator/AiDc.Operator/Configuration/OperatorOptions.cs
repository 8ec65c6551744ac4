using Microsoft.Extensions.Options;

namespace AiDc.Operator.Configuration;

/// <summary>
/// What the operator can be told: section <c>Operator</c> of the configuration, environment variables <c>Operator__Name</c>.
/// The chart's values.yaml repeats these defaults; a test compares them.
/// </summary>
public sealed class OperatorOptions
{
    public const string Section = "Operator";

    /// <summary>The namespace the operator itself lives in: its lease, its CA and its Service. Default: POD_NAMESPACE, else the service account's.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>This replica's pod. Default: POD_NAME, else the host's name.</summary>
    public string PodName { get; set; } = "";

    /// <summary>The address at which other pods reach this replica. Default: POD_IP, else 127.0.0.1.</summary>
    public string PodIP { get; set; } = "";

    /// <summary>The only namespace whose jobs are run; empty for all of them.</summary>
    public string WatchNamespace { get; set; } = "";

    /// <summary>The image of the built-in trainer, where a job names none.</summary>
    public string TrainerImage { get; set; } = "aidc-trainer:latest";

    /// <summary>How nodes pull the built-in trainer's image: Always, IfNotPresent or Never.</summary>
    public string TrainerImagePullPolicy { get; set; } = "IfNotPresent";

    /// <summary>The extended resource that <c>resources.gpus</c> counts.</summary>
    public string GpuResourceName { get; set; } = "nvidia.com/gpu";

    /// <summary>The folders of nodes that <c>hostpath://</c> may name, with all below them. Empty: none.</summary>
    public IList<string> AllowedHostPaths { get; } = [];

    /// <summary>The service account, in the operator's namespace, that gateways run as: only they tell of load.</summary>
    public string GatewayServiceAccount { get; set; } = "aidc-gateway";

    /// <summary>Where clients reach the gateways, for status.url of services. Empty: the Service aidc-gateway of the operator's namespace.</summary>
    public string GatewayUrl { get; set; } = "";

    /// <summary>
    /// A folder of each node, with the mode 1777, in which models from S3 and web servers are kept for all replicas of a namespace. Empty: each
    /// replica fetches its own copy.
    /// </summary>
    public string ModelCachePath { get; set; } = "";

    /// <summary>How many jobs, and how many services, are reconciled at once.</summary>
    public int Workers { get; set; } = 8;

    /// <summary>HTTP: /metrics, /healthz and /readyz. 0 takes a free port.</summary>
    public int MetricsPort { get; set; } = 8080;

    /// <summary>HTTPS: the coordinator that workers speak to. Other replicas and the workers dial it, so it is a fixed one.</summary>
    public int CoordinatorPort { get; set; } = 8443;

    /// <summary>Where workers reach the coordinator, as https://host:port. Empty: the cluster IP of the Service <see cref="ServiceName"/>.</summary>
    public string CoordinatorAddress { get; set; } = "";

    /// <summary>The Service in front of the operator's replicas.</summary>
    public string ServiceName { get; set; } = "aidc-operator";

    /// <summary>Whether replicas elect a leader. Without it there may be one replica only.</summary>
    public bool LeaderElection { get; set; } = true;

    /// <summary>The least severe log lines written: Debug, Information, Warning or Error.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;
}

/// <summary>Fills what the pod knows about itself (the downward API's POD_* variables, the service account's files) where nothing was set.</summary>
internal sealed class OperatorOptionsDefaults(IConfiguration configuration) : IPostConfigureOptions<OperatorOptions>
{
    internal const string ServiceAccountNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    public void PostConfigure(string? name, OperatorOptions options)
    {
        options.Namespace = FirstOf(options.Namespace, configuration["POD_NAMESPACE"], NamespaceOfServiceAccount(), "default");
        options.PodName = FirstOf(options.PodName, configuration["POD_NAME"], Environment.MachineName.ToLowerInvariant());
        options.PodIP = FirstOf(options.PodIP, configuration["POD_IP"], "127.0.0.1");
    }

    private static string FirstOf(params string?[] candidates) => candidates.First(c => !string.IsNullOrWhiteSpace(c))!.Trim();

    private static string? NamespaceOfServiceAccount() =>
        File.Exists(ServiceAccountNamespaceFile) ? File.ReadAllText(ServiceAccountNamespaceFile) : null;
}
