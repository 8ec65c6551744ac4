using System.Numerics;

namespace AiDc.Gateway.Replicas;

/// <summary>How the last requests to a replica ended, 64 of them at most.</summary>
/// <param name="Failures">A bit for each that failed, the last one lowest.</param>
internal readonly record struct Outcomes(ulong Failures, int Count)
{
    public const int Most = 64;

    public int Failed => BitOperations.PopCount(Failures);

    public int FailedInARow => BitOperations.TrailingZeroCount(~Failures);

    /// <summary>Of a replica that comes back: one failure more takes it out again.</summary>
    public static Outcomes OnTrial { get; } = new((1ul << (OutlierPolicy.InARow - 1)) - 1, OutlierPolicy.InARow - 1);

    public Outcomes And(bool failed) => new((Failures << 1) | (failed ? 1ul : 0), Math.Min(Most, Count + 1));
}

/// <summary>
/// Whether a replica that answers its probes is left out because it fails requests. One that fails fast has always the fewest outstanding requests, and
/// would get them all. But requests that fail everywhere are the requests' fault, and of a revision at most half of the replicas are left out: what is left
/// has to bear the load, and what a single replica does is for a canary's verdict to see.
/// </summary>
internal static class OutlierPolicy
{
    /// <summary>Failures in a row that are no accident.</summary>
    public const int InARow = 5;

    /// <summary>Requests of which a share says something.</summary>
    public const int Enough = 20;

    /// <summary>The share of failures that takes a replica out although it also answers.</summary>
    public const double WorstShare = 0.5;

    /// <summary>It has to fail so much more often than the others do.</summary>
    public const double TimesTheOthers = 2;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <param name="mine">Its requests, the last one included.</param>
    /// <param name="others">Requests to the other replicas of its revision, and how many of them failed.</param>
    /// <param name="replicas">Of its revision, itself included.</param>
    /// <param name="ejected">Of those, now.</param>
    public static bool Ejects(Outcomes mine, (int Failed, int Count) others, int replicas, int ejected)
    {
        if ((ejected + 1) * 2 > replicas) return false;
        if (mine.FailedInARow < InARow && (mine.Count < Enough || mine.Failed < WorstShare * mine.Count)) return false;
        return others.Failed * TimesTheOthers * mine.Count <= (double)mine.Failed * others.Count || others.Count == 0;
    }

    /// <param name="before">How often it was left out before.</param>
    public static TimeSpan For(int before)
    {
        var time = First * Math.Pow(2, Math.Min(before, 10));
        return time < Longest ? time : Longest;
    }
}
