namespace AiDc.Api.V1Alpha1;

/// <summary>A new model that gets a growing share of the requests while it does well, and is given up when it does not.</summary>
public sealed record CanarySpec
{
    /// <summary>
    /// The model to try beside spec.model. Once promoted it serves all requests; move it to spec.model then, or later. Left out with model.follow, where
    /// each new result of the training job is tried.
    /// </summary>
    public ServedModelSpec? Model { get; init; }

    /// <summary>When it takes the next step, and when it is given up.</summary>
    public CanaryAnalysisSpec Analysis { get; init; } = new();
}
