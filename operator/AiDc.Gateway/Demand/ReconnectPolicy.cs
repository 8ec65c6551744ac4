namespace AiDc.Gateway.Demand;

/// <summary>Where to dial next, and when. A service at zero waits for it, so it is never long.</summary>
internal static class ReconnectPolicy
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.02);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(0.5);

    /// <summary>Rights or versions have to change first.</summary>
    public static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(30);

    /// <summary>Two replicas that each take the other for the leader must not be chased in a circle.</summary>
    public const int RedirectsInARow = 3;

    /// <param name="home">The address that any replica may answer.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    public static Dial Next(Dial last, SessionEnd end, Uri home, double random)
    {
        switch (end)
        {
            case SessionEnd.Redirected { Leader: { } leader } when last.Redirects < RedirectsInARow:
                return new(leader, TimeSpan.Zero, last.Failures, last.Redirects + 1);
            case SessionEnd.Refused:
                return new(home, AfterRefusal, 0, 0);
            default:
                var failures = end is SessionEnd.Lost { WasWelcome: true } ? 0 : last.Failures;
                var ceiling = Math.Min(Longest.TotalSeconds, First.TotalSeconds * Math.Pow(2, Math.Min(failures, 16)));
                return new(home, TimeSpan.FromSeconds(ceiling * (0.5 + (random / 2))), failures + 1, 0);
        }
    }
}
