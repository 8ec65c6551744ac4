namespace AiDc.Api.V1Alpha1;

/// <summary>The values of status.canary.verdict.</summary>
public static class CanaryVerdict
{
    /// <summary>Its replicas load the model; it gets no requests yet.</summary>
    public const string Starting = "Starting";

    /// <summary>It gets its share, and has not had it for long enough.</summary>
    public const string Progressing = "Progressing";

    /// <summary>It had its share for long enough, but too few requests came to judge by.</summary>
    public const string Waiting = "Waiting";

    /// <summary>It did well at every step and is the stable revision now.</summary>
    public const string Promoted = "Promoted";

    /// <summary>It did badly; all requests go to the revision before, and its replicas are gone.</summary>
    public const string RolledBack = "RolledBack";
}
