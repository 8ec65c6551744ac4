namespace AiDc.Coordination;

/// <summary>Where to dial next, and when. Pure.</summary>
internal static class ReconnectPolicy
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Of a worker that trains together with others: they wait for it.</summary>
    public static readonly TimeSpan FirstOfGang = TimeSpan.FromSeconds(0.02);
    public static readonly TimeSpan LongestOfGang = TimeSpan.FromSeconds(0.5);

    /// <summary>Asking again cannot help until the operator is another one.</summary>
    public static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(1);

    /// <summary>A welcome that is followed by the end sooner has led to nothing, as if there had been none.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromSeconds(5);

    /// <param name="lasted">Since the welcome; null without one.</param>
    public static bool CountsAsWelcome(TimeSpan? lasted) => lasted >= Steady;

    /// <summary>Two replicas that each take the other for the leader must not be chased in a circle.</summary>
    public const int RedirectsInARow = 3;

    /// <param name="home">The address from the environment, which any replica may answer.</param>
    /// <param name="random">Uniform in [0, 1): a thousand workers of a lost leader come back spread out.</param>
    /// <param name="gang">Whether others wait for this worker.</param>
    public static Dial Next(Dial last, SessionEnd end, Uri home, double random, bool gang = false)
    {
        var (first, longest) = gang ? (FirstOfGang, LongestOfGang) : (First, Longest);
        switch (end)
        {
            case SessionEnd.Redirected { Leader: { } leader } when last.Redirects < RedirectsInARow:
                return new(leader, TimeSpan.Zero, last.Failures, last.Redirects + 1);
            case SessionEnd.Refused:
                return new(home, AfterRefusal, 0, 0);
            default:
                var failures = end is SessionEnd.Lost { WasWelcome: true } ? 0 : last.Failures;
                var ceiling = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(failures, 16)));
                return new(home, TimeSpan.FromSeconds(ceiling * (0.5 + (random / 2))), failures + 1, 0);
        }
    }
}

/// <summary>One attempt to reach the operator, and how it came to it.</summary>
/// <param name="After">Waited before it.</param>
/// <param name="Failures">Attempts in a row that led to nothing.</param>
/// <param name="Redirects">Redirections in a row.</param>
internal sealed record Dial(Uri Address, TimeSpan After, int Failures, int Redirects);

/// <summary>How a session with a replica of the operator ended.</summary>
internal abstract record SessionEnd
{
    private SessionEnd() { }

    /// <summary>The replica does not lead. <paramref name="Leader"/> is null while nobody does.</summary>
    internal sealed record Redirected(Uri? Leader) : SessionEnd;

    /// <summary>The replica will not have us.</summary>
    internal sealed record Refused(string Reason) : SessionEnd;

    /// <summary>It could not be reached, or broke.</summary>
    /// <param name="WasWelcome">It took reports for a while before.</param>
    internal sealed record Lost(string Why, bool WasWelcome) : SessionEnd;
}
