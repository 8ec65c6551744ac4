namespace AiDc.Gateway.Configuration;

/// <summary>
/// What the gateway can be told: section <c>Gateway</c> of the configuration, environment variables <c>Gateway__Name</c>.
/// The chart's values.yaml repeats these defaults; a test compares them.
/// </summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>This replica's pod. Default: POD_NAME, else the host's name.</summary>
    public string PodName { get; set; } = "";

    /// <summary>The pod's uid, or anything that tells this process from others. Default: POD_UID, else random.</summary>
    public string PodUid { get; set; } = "";

    /// <summary>The only namespace whose services are reached; empty for all of them.</summary>
    public string WatchNamespace { get; set; } = "";

    /// <summary>HTTP/1.1 for callers. 0 takes a free port, here as below.</summary>
    public int HttpPort { get; set; } = 8080;

    /// <summary>HTTP/2 without TLS for callers: gRPC.</summary>
    public int GrpcPort { get; set; } = 8081;

    /// <summary>HTTP/1.1 and HTTP/2 over TLS for callers, where <see cref="TlsFolder"/> is set.</summary>
    public int HttpsPort { get; set; } = 8443;

    /// <summary>HTTP: /metrics, /healthz and /readyz.</summary>
    public int AdminPort { get; set; } = 9090;

    /// <summary>The folder with tls.crt and tls.key, as a Secret of type kubernetes.io/tls is mounted; read again when they change. Empty: no TLS.</summary>
    public string TlsFolder { get; set; } = "";

    /// <summary>Hosts name.namespace.suffix lead to services. Empty: no host does.</summary>
    public string DomainSuffix { get; set; } = "";

    /// <summary>The names of the Secrets, in the services' namespaces, that may hold API keys.</summary>
    public IList<string> ApiKeySecrets { get; } = [];

    /// <summary>How long a request waits for the first replica of its service, where its caller does not say.</summary>
    public int HoldSeconds { get; set; } = 60;

    /// <summary>The most requests of one service that wait at once.</summary>
    public int MaxWaiting { get; set; } = 2000;

    /// <summary>MiB that requests' bodies may take in this process at once, to be held until there is a replica and to be sent again. Bodies beyond it are streamed.</summary>
    public int BodyMemoryMiB { get; set; } = 128;

    /// <summary>How long it serves on after it is told to end, for everybody to hear that it is not ready any more.</summary>
    public int DrainSeconds { get; set; } = 10;

    /// <summary>How long requests that are then still open may take.</summary>
    public int ShutdownSeconds { get; set; } = 45;

    /// <summary>The share of requests that the access log has a line of, from 0 to 1.</summary>
    public double AccessLogSampleRate { get; set; }

    /// <summary>Any replica of the operator, as https://host:port. Default: that of the Service aidc-operator in this namespace, if there is one; else nobody is told of the demand.</summary>
    public string OperatorAddress { get; set; } = "";

    /// <summary>PEM certificates that the operator's certificate is checked against.</summary>
    public string OperatorCaFile { get; set; } = "/var/run/secrets/aidc/ca.crt";

    /// <summary>The projected token that proves this gateway to the operator.</summary>
    public string OperatorTokenFile { get; set; } = "/var/run/secrets/aidc/token";

    /// <summary>The least severe log lines written: Debug, Information, Warning or Error.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;
}
