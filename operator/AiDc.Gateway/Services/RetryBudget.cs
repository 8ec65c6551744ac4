namespace AiDc.Gateway.Services;

/// <summary>
/// Bounds the requests that are sent a second time after a replica may have worked on them, as Finagle's RetryBudget does: each request
/// earns a fifth of a retry. A store of them is there from the start and fills slowly by itself, so that the loss of one replica with all
/// its requests is always within the budget, and a service whose every answer fails gets little more than its own load.
/// </summary>
internal sealed class RetryBudget(TimeProvider clock)
{
    public const double Ratio = 0.2;

    /// <summary>Of what one replica has in flight, with room to spare.</summary>
    public const double Capacity = 200;

    public const double PerSecond = 10;

    private readonly Lock gate = new();
    private double tokens = Capacity;
    private long filled = clock.GetTimestamp();

    public void Earn()
    {
        lock (gate) tokens = Math.Min(Capacity, tokens + Ratio);
    }

    /// <summary>Whether a retry may be paid; nothing is taken.</summary>
    public bool Allows()
    {
        lock (gate)
        {
            Fill();
            return tokens >= 1;
        }
    }

    public bool Spend()
    {
        lock (gate)
        {
            Fill();
            if (tokens < 1) return false;
            tokens--;
            return true;
        }
    }

    private void Fill()
    {
        var now = clock.GetTimestamp();
        tokens = Math.Min(Capacity, tokens + (clock.GetElapsedTime(filled, now).TotalSeconds * PerSecond));
        filled = now;
    }
}
