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

    /// <summary>The how-manieth replacement of its worker within the attempt the pod is; left out for the first pod.</summary>
    public const string Incarnation = "aidc.dev/incarnation";

    /// <summary>The service's name, as <see cref="Names.LabelValue"/>: on its replicas and all else that is made for it.</summary>
    public const string InferenceService = "aidc.dev/inference-service";

    /// <summary>The revision that a replica belongs to: the name of its Deployment.</summary>
    public const string Revision = "aidc.dev/revision";

    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>The value of <see cref="ManagedBy"/>.</summary>
    public const string ManagedByValue = "aidc-operator";

    /// <summary>Everything that users must not set in a template.</summary>
    public const string Prefix = "aidc.dev/";
}
