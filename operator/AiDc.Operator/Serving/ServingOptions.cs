using AiDc.Api.Validation;

namespace AiDc.Operator.Serving;

/// <summary>What the serving decisions may depend on apart from the service: how the operator is configured.</summary>
public sealed record ServingOptions
{
    /// <summary>What specs are validated against.</summary>
    public ValidationContext Validation { get; init; } = new();

    /// <summary>The image of the built-in server: that of the trainer.</summary>
    public string ServerImage { get; init; } = "aidc-trainer:latest";

    public string ServerImagePullPolicy { get; init; } = "IfNotPresent";

    /// <summary>A folder of each node, writable for everybody, that keeps models which are not in a volume; empty: each pod keeps its own copy.</summary>
    public string ModelCachePath { get; init; } = "";

    /// <summary>Where the gateways answer, for status.url.</summary>
    public string GatewayUrl { get; init; } = "http://aidc-gateway";

    /// <summary>The namespace that the gateways run in: the operator's.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>A canary that has no replica ready for so long is given up.</summary>
    public TimeSpan CanaryStartTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The wait between two writes of status in which only figures of a canary differ.</summary>
    public TimeSpan FiguresEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A pod on a lost node is not deleted before it is so old: a scheduler that does not know yet would make and lose them without end.</summary>
    public TimeSpan LeastAge { get; init; } = TimeSpan.FromSeconds(2);
}
