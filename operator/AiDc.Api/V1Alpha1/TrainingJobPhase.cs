namespace AiDc.Api.V1Alpha1;

/// <summary>
/// The values of status.phase. Texts and not an enum, so that an operator that was rolled back can still read what its
/// successor wrote.
/// </summary>
public static class TrainingJobPhase
{
    /// <summary>No pods yet, or its pods are being created; also an invalid job (condition Valid).</summary>
    public const string Pending = "Pending";

    /// <summary>Pods exist, but not all workers run yet.</summary>
    public const string Starting = "Starting";

    /// <summary>All workers run.</summary>
    public const string Running = "Running";

    /// <summary>A failure was seen; the next attempt is being prepared, waited for or started.</summary>
    public const string Recovering = "Recovering";

    /// <summary>Stopped by spec.suspend.</summary>
    public const string Suspended = "Suspended";

    /// <summary>Finished well.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>Finished for good without success.</summary>
    public const string Failed = "Failed";
}
