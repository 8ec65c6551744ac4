namespace AiDc.Api.V1Alpha1;

/// <summary>The values of status.phase of an inference service. Texts and not an enum, for an operator that was rolled back.</summary>
public static class InferenceServicePhase
{
    /// <summary>There is no model yet (its training has not ended), no replica has a node, or the spec is invalid.</summary>
    public const string Pending = "Pending";

    /// <summary>Replicas start and load the model; none is ready.</summary>
    public const string Loading = "Loading";

    /// <summary>Replicas answer, all that are wanted.</summary>
    public const string Ready = "Ready";

    /// <summary>No replica is wanted; a request starts one.</summary>
    public const string Idle = "Idle";

    /// <summary>Replicas answer, but fewer than are wanted, or a new revision does not come up.</summary>
    public const string Degraded = "Degraded";

    /// <summary>No replica answers and one has failed: lastFailure says how.</summary>
    public const string Failed = "Failed";
}
