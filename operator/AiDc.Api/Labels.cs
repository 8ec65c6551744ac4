namespace AiDc.Api;

/// <summary>Labels on everything that the operator creates.</summary>
public static class Labels
{
    /// <summary>The job's name, as <see cref="Names.LabelValue"/> (a label holds 63 characters).</summary>
    public const string Job = "aidc.dev/job";

    /// <summary>The job's uid: tells a job from an earlier one of the same name.</summary>
    public const string JobUid = "aidc.dev/job-uid";

    /// <summary>The worker's rank.</summary>
    public const string WorkerIndex = "aidc.dev/worker-index";

    /// <summary>The attempt that the pod belongs to.</summary>
    public const string Attempt = "aidc.dev/attempt";

    /// <summary>Which pod of its worker within the attempt it is: 0 for the first, for which the label is left out.</summary>
    public const string Incarnation = "aidc.dev/incarnation";

    /// <summary>The service's name, as <see cref="Names.LabelValue"/>: on its replicas and all else that is made for it.</summary>
    public const string InferenceService = "aidc.dev/inference-service";

    /// <summary>The revision that a replica belongs to: the name of its Deployment.</summary>
    public const string Revision = "aidc.dev/revision";

    /// <summary>On the pods of the chart: the name of what they are part of, aidc.</summary>
    public const string Name = "app.kubernetes.io/name";

    /// <summary>On the pods of the chart: which part they are, by which the parts' Services know them.</summary>
    public const string Component = "app.kubernetes.io/component";

    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>The value of <see cref="ManagedBy"/>.</summary>
    public const string ManagedByValue = "aidc-operator";

    /// <summary>Everything that users must not set in a template.</summary>
    public const string Prefix = "aidc.dev/";
}

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

    /// <summary>What the operator wrote into spec.scaling.replicas of a service whose load decides; another number there was written by somebody else.</summary>
    public const string ReplicasByLoad = "aidc.dev/replicas-by-load";

    /// <summary>On an InferenceService, by its user: any other value than before makes a new revision, and so replaces all replicas.</summary>
    public const string RestartedAt = "aidc.dev/restarted-at";

    /// <summary>On Deployments: the model that the revision serves, as JSON.</summary>
    public const string Model = "aidc.dev/model";
}
