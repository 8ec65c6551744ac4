namespace AiDc.Gateway.Services;

/// <summary>How many requests this gateway lets through; null: no limit.</summary>
/// <param name="Burst">The most at once; applies to a client as well.</param>
internal sealed record RateLimitConfig(double? RequestsPerSecond, int? Burst, double? PerClientRequestsPerSecond);
