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
}
