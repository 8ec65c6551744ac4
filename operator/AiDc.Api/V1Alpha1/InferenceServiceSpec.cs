using System.ComponentModel.DataAnnotations;
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
    "canary.model is tried next to spec.model: set spec.model to the model that serves now")]
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

    /// <summary>How many requests gateways let through. All when left out; with it the service is reached by way of the gateways alone.</summary>
    public RateLimitSpec? RateLimit { get; init; }

    /// <summary>Who may call the service. Everybody who reaches it when left out; with it the service is reached by way of the gateways alone.</summary>
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

/// <summary>How the built-in server joins requests of equal shapes into one run of the model.</summary>
public sealed record BatchingSpec
{
    /// <summary>The most samples in a batch. 1: no batching.</summary>
    [Range(1, 4096)]
    public int MaxSize { get; init; } = 32;

    /// <summary>The longest time that a request waits for others to join it.</summary>
    [Format(StringFormat.Duration)]
    public string MaxLatency { get; init; } = "5ms";
}

/// <summary>What a gateway may do with a request that failed after it was sent.</summary>
public sealed record RetrySpec
{
    /// <summary>
    /// Whether a request may be sent again after a replica has received it and has not answered. True unless set for the built-in server, whose answers
    /// change nothing; false unless set for a server of one's own. What a replica has not processed is always sent to another.
    /// </summary>
    public bool? Idempotent { get; init; }
}

/// <summary>What one replica takes on.</summary>
public sealed record LimitsSpec
{
    /// <summary>The most requests that a gateway sends to one replica at once, and that the built-in server takes into work.</summary>
    [Range(1, 10_000)]
    public int Concurrency { get; init; } = 64;

    /// <summary>The most requests that wait in a replica of the built-in server; more are answered with 429.</summary>
    [Range(1, 100_000)]
    public int Queue { get; init; } = 128;

    /// <summary>How long a request may take, waiting included; then it is answered with 504. A caller may ask for less.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string Timeout { get; init; } = "30s";
}

/// <summary>How many requests each gateway lets through; more are answered with 429.</summary>
[Rule("!has(self.burst) || has(self.requestsPerSecond)", "rateLimit.burst bounds what rateLimit.requestsPerSecond lets through at once: set that too, or leave burst out")]
public sealed record RateLimitSpec
{
    /// <summary>Requests a second for the service. No limit when left out.</summary>
    [Range(0.0, 1_000_000), ExclusiveMinimum(0)]
    public double? RequestsPerSecond { get; init; }

    /// <summary>How many requests may come at once after a pause; as many as a second lets through when left out.</summary>
    [Range(1, 1_000_000)]
    public int? Burst { get; init; }

    /// <summary>Requests a second for one client (its API key, else its address). No limit when left out.</summary>
    [Range(0.0, 1_000_000), ExclusiveMinimum(0)]
    public double? PerClientRequestsPerSecond { get; init; }
}

/// <summary>Who may call the service.</summary>
public sealed record ApiKeysSpec
{
    /// <summary>A Secret of this namespace whose keys are names of clients and whose values are their API keys.</summary>
    [Required]
    public SecretReference SecretRef { get; init; } = new();
}

/// <summary>Which requests the built-in server writes to its log.</summary>
public sealed record RequestLogSpec
{
    /// <summary>The share of the requests that are logged.</summary>
    [Range(0.0, 1.0)]
    public double SampleRate { get; init; } = 0.01;

    /// <summary>Whether inputs and outputs are logged too. They may be somebody's secrets.</summary>
    public bool Payloads { get; init; }
}

/// <summary>How replicas of a new revision replace those of the one before.</summary>
[Rule("self.maxSurge + self.maxUnavailable > 0", "with rollout.maxSurge and rollout.maxUnavailable both 0 no replica can be replaced: set one of them to 1 or more")]
public sealed record RolloutSpec
{
    /// <summary>How many replicas there may be above the number wanted while a rollout goes on. 0 where there are no GPUs to spare.</summary>
    [Range(0, 1000)]
    public int MaxSurge { get; init; } = 1;

    /// <summary>How many of the replicas wanted may be missing while a rollout goes on.</summary>
    [Range(0, 1000)]
    public int MaxUnavailable { get; init; }
}
