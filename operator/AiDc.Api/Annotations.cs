namespace AiDc.Api;

/// <summary>Annotations on what the operator creates.</summary>
public static class Annotations
{
    /// <summary>On worker pods: the PEM certificates that the coordinator's certificate is checked against.</summary>
    public const string CaBundle = "aidc.dev/ca-bundle";

    /// <summary>On worker pods: a hash of the part of the job's spec that they were made from.</summary>
    public const string SpecHash = "aidc.dev/spec-hash";

    /// <summary>On worker pods: the nodes, separated by commas, that they must not be placed on for what happened there.</summary>
    public const string AvoidedNodes = "aidc.dev/avoided-nodes";

    /// <summary>On worker pods: the metadata.generation of the job that they were made from.</summary>
    public const string JobGeneration = "aidc.dev/job-generation";

    /// <summary>On replicas: the port at which gateways send HTTP/1.1 requests.</summary>
    public const string HttpPort = "aidc.dev/http-port";

    /// <summary>On replicas: the port at which gateways send gRPC requests, in plain HTTP/2; left out where the server has none.</summary>
    public const string GrpcPort = "aidc.dev/grpc-port";

    /// <summary>On replicas: the path that gateways probe on the HTTP port; left out where the server says nothing of the kind: then they connect only.</summary>
    public const string ProbePath = "aidc.dev/probe-path";

    /// <summary>On replicas: the most requests that a gateway sends to one at once.</summary>
    public const string MaxConcurrency = "aidc.dev/max-concurrency";

    /// <summary>On Deployments and Services: the name of the service, whole, where the label holds a shortened one.</summary>
    public const string ServiceName = "aidc.dev/service-name";

    /// <summary>On an InferenceService, by its user: any other value than before makes a new revision, and so replaces all replicas.</summary>
    public const string RestartedAt = "aidc.dev/restarted-at";

    /// <summary>On Deployments: the model that the revision serves, as JSON.</summary>
    public const string Model = "aidc.dev/model";
}
