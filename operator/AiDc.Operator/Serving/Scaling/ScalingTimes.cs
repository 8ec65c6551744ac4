namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// The autoscaler's one set of parameters, for all services. How they were chosen, and what that is worth: docs/decisions/0012-autoscaler.md.
/// All times in seconds.
/// </summary>
public sealed record ScalingTimes
{
    public static ScalingTimes Default { get; } = new();

    /// <summary>How long demand is remembered: what is older counts less than the e-th part.</summary>
    public double Memory { get; init; } = 900;

    /// <summary>With less history than this, replicas that were there before it are not given up.</summary>
    public const double Enough = 600;

    /// <summary>The share of the remembered time in which the demand may have been more than the replicas that are kept.</summary>
    public double Tail { get; init; } = 0.025;

    /// <summary>With a long history, a replica is added once the demand was above the others for so many times <see cref="Tail"/>.</summary>
    public double Clarity { get; init; } = 1.5;

    /// <summary>A replica is given up once the demand would have been above the others for no more than the part of <see cref="Tail"/> with this divisor …</summary>
    public double Hysteresis { get; init; } = 4;

    /// <summary>… for so long without a pause.</summary>
    public double Stabilization { get; init; } = 150;

    /// <summary>How long the mean demand reaches back that more than chance is told by.</summary>
    public double MeanMemory { get; init; } = 60;

    /// <summary>Demand is more than by chance beyond so many standard deviations of a demand that comes by chance alone, reckoned on the square root …</summary>
    public double Chance { get; init; } = 3.5;

    /// <summary>… or while requests have been waiting for so long …</summary>
    public double LongWait { get; init; } = 8;

    /// <summary>… or while so little is known that it cannot be told.</summary>
    public const double Young = 120;

    /// <summary>A demand that is to be answered at once has lasted so long, unless requests wait already: no single moment counts.</summary>
    public double Persistence { get; init; } = 2;

    /// <summary>What was added at once stays at least so long.</summary>
    public double Hold { get; init; } = 6;

    /// <summary>Requests that wait are to be gone after so long.</summary>
    public double Drain { get; init; } = 2.5;

    /// <summary>Room for chance, in standard deviations of a demand that comes by chance alone.</summary>
    public double Margin { get; init; } = 0.2;

    /// <summary>The same for a demand that is still to come.</summary>
    public double Doubt { get; init; } = 0.5;

    /// <summary>A gap between samples counts no longer than this: what was in it is not known.</summary>
    public const double LongestGap = 5;

    /// <summary>Whether requests that are there without having waited count as demand of the long window, also where the reckoned one is less.</summary>
    public bool SeesWork { get; init; }
}
