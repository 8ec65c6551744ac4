using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>What to serve and how to keep it up.</summary>
[Rule(
    "has(self.model) || has(self.template)",
    "nothing to serve: give spec.model for the built-in server, or spec.template with an image of your own")]
[Rule(
    "!has(self.canary) || has(self.canary.model) || (has(self.model) && self.model.follow)",
    "a canary needs a model to try: set canary.model, or model.follow to try each new result of a training job")]
[Rule(
    "!has(self.canary) || !has(self.canary.model) || has(self.model)",
    "canary.model is tried beside spec.model: set spec.model to the model that serves now")]
public sealed record InferenceServiceSpec
{
    /// <summary>The model. May be left out only with a template whose container brings its own.</summary>
    public ServedModelSpec? Model { get; init; }

    /// <summary>What each replica asks the node for.</summary>
    public ResourcesSpec Resources { get; init; } = new();

    /// <summary>How many replicas there are.</summary>
    public ScalingSpec Scaling { get; init; } = new();

    /// <summary>How the built-in server joins requests into batches.</summary>
    public BatchingSpec Batching { get; init; } = new();

    /// <summary>What one replica takes on at once.</summary>
    public LimitsSpec Limits { get; init; } = new();

    /// <summary>How replicas of a new revision replace those of the one before.</summary>
    public RolloutSpec Rollout { get; init; } = new();

    /// <summary>What a gateway may do with a request that failed.</summary>
    public RetrySpec Retry { get; init; } = new();

    /// <summary>A new model that gets a growing share of the requests while it does well.</summary>
    public CanarySpec? Canary { get; init; }

    /// <summary>How many requests gateways let through. All when left out.</summary>
    public RateLimitSpec? RateLimit { get; init; }

    /// <summary>Who may call the service. Everybody who reaches a gateway when left out.</summary>
    public ApiKeysSpec? ApiKeys { get; init; }

    /// <summary>Which requests the built-in server logs. None when left out.</summary>
    public RequestLogSpec? RequestLog { get; init; }

    /// <summary>
    /// A pod template (metadata.labels, metadata.annotations, spec). Its container named "server", or its first one, is the server: with
    /// an image it is one of your own, any that answers HTTP at its first containerPort; without, it is the built-in one, and the template adds
    /// volumes, node selectors, tolerations and so on. Not checked by the schema; the operator checks it and says what is wrong.
    /// </summary>
    public PodTemplate? Template { get; init; }
}
