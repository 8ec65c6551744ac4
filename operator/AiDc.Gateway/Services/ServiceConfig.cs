using AiDc.ControllerRuntime;
using AiDc.Gateway.Routing;

namespace AiDc.Gateway.Services;

/// <summary>What a gateway needs to know of an InferenceService.</summary>
/// <param name="Revisions">Those that the status lists, with their shares of the requests.</param>
/// <param name="Timeout">For one request, from when a replica is there to the head of its answer.</param>
/// <param name="Concurrency">Requests at once to a replica whose pod says no number of its own.</param>
/// <param name="Idempotent">A request whose connection broke may be sent again.</param>
/// <param name="RateLimit">Null: all requests are let through.</param>
/// <param name="ApiKeySecret">The Secret with the keys of those who may call; null: everybody may.</param>
internal sealed record ServiceConfig(
    NamespacedName Name, IReadOnlyList<RevisionWeight> Revisions, TimeSpan Timeout, int Concurrency, bool Idempotent,
    RateLimitConfig? RateLimit, string? ApiKeySecret)
{
    /// <summary>What keeps its replicas from serving, as its status says it; null: nothing is known.</summary>
    public string? Trouble { get; init; }
}

/// <summary>How many requests this gateway lets through; null: no limit.</summary>
/// <param name="Burst">The most at once; applies to a client as well.</param>
internal sealed record RateLimitConfig(double? RequestsPerSecond, int? Burst, double? PerClientRequestsPerSecond);
