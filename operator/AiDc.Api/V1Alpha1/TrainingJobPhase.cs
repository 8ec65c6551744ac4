namespace AiDc.Api.V1Alpha1;

/// <summary>
/// The values of status.phase. Texts and not an enum, so that an operator that was rolled back can still read what its
/// successor wrote.
/// </summary>
public static class TrainingJobPhase
{
    /// <summary>Not all workers have a pod and a node yet; also an invalid job (condition Valid).</summary>
    public const string Pending = "Pending";

    /// <summary>All workers have a node, but not all run yet.</summary>
    public const string Starting = "Starting";

    /// <summary>All workers run; of an elastic gang at least as many as it needs train.</summary>
    public const string Running = "Running";

    /// <summary>A failure was seen; the next attempt, or the next generation of a distributed gang, is being prepared, waited for or started.</summary>
    public const string Recovering = "Recovering";

    /// <summary>Stopped by spec.suspend.</summary>
    public const string Suspended = "Suspended";

    /// <summary>Finished well.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>Finished for good without success.</summary>
    public const string Failed = "Failed";
}
