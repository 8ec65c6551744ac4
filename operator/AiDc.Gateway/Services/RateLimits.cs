using System.Threading.RateLimiting;

namespace AiDc.Gateway.Services;

/// <summary>Token buckets (System.Threading.RateLimiting) of one service: one for all its requests, one for each client.</summary>
internal sealed class RateLimits : IDisposable
{
    /// <summary>Lets everything through.</summary>
    public static readonly RateLimits None = new(new RateLimitConfig(null, null, null));

    private readonly TokenBucketRateLimiter? all;
    private readonly PartitionedRateLimiter<string>? clients;

    public RateLimits(RateLimitConfig config)
    {
        if (config.RequestsPerSecond is { } rate) all = new(Bucket(rate, config.Burst));
        if (config.PerClientRequestsPerSecond is { } perClient)
            clients = PartitionedRateLimiter.Create<string, string>(
                client => RateLimitPartition.GetTokenBucketLimiter(client, _ => Bucket(perClient, config.Burst)), StringComparer.Ordinal);
    }

    /// <summary>Takes the request into account. A client that is refused costs the others nothing.</summary>
    /// <returns>Null to let it through; else when it may be tried again.</returns>
    public TimeSpan? Take(string client)
    {
        if (clients is not null)
        {
            using var lease = clients.AttemptAcquire(client);
            if (!lease.IsAcquired) return RetryAfter(lease);
        }
        if (all is null) return null;
        all.TryReplenish();
        using var own = all.AttemptAcquire();
        return own.IsAcquired ? null : RetryAfter(own);
    }

    public void Dispose()
    {
        // The one that lets everything through is everybody's, and holds nothing.
        all?.Dispose();
        clients?.Dispose();
    }

    private static TimeSpan RetryAfter(RateLimitLease lease) =>
        lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > TimeSpan.FromSeconds(1) ? after : TimeSpan.FromSeconds(1);

    /// <summary>One token each 1/rate seconds. It fills by itself as time passes, whenever it is asked.</summary>
    private static TokenBucketRateLimiterOptions Bucket(double rate, int? burst) => new()
    {
        TokenLimit = burst ?? Math.Max(1, (int)Math.Ceiling(rate)),
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1 / rate),
        AutoReplenishment = false,
        QueueLimit = 0,
    };
}
