namespace AiDc.Operator.Coordination.Sessions;

/// <summary>How much one worker may say: so many messages a second over time, and a burst at once. Not thread-safe.</summary>
internal sealed class MessageBudget
{
    private readonly TimeProvider clock;
    private readonly double perSecond;
    private readonly double burst;
    private double left;
    private long last;

    public MessageBudget(TimeProvider clock, double perSecond, double burst)
    {
        this.clock = clock;
        this.perSecond = perSecond;
        this.burst = left = burst;
        last = clock.GetTimestamp();
    }

    /// <summary>Takes one message from the budget, on credit if need be.</summary>
    /// <returns>How long to wait before it may be handled; zero as a rule.</returns>
    public TimeSpan Take()
    {
        Refill();
        left -= 1;
        return left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-left / perSecond);
    }

    /// <summary>Takes one message if the budget has it.</summary>
    public bool TryTake()
    {
        Refill();
        if (left < 1)
            return false;
        left -= 1;
        return true;
    }

    private void Refill()
    {
        var now = clock.GetTimestamp();
        left = Math.Min(burst, left + (clock.GetElapsedTime(last, now).TotalSeconds * perSecond));
        last = now;
    }
}
