using System.Security.Cryptography.X509Certificates;

namespace AiDc.Operator.Coordination.Trust;

/// <summary>
/// When authorities follow each other. A pod keeps the bundle it was made with, so a new authority is handed out for a year before it
/// signs anything: only a pod older than that could fail to check it. Pure.
/// </summary>
internal static class RotationPolicy
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    /// <summary>The next authority joins the bundle when the current one has so long to go.</summary>
    public static readonly TimeSpan Announce = TimeSpan.FromDays(730);

    /// <summary>The next authority signs from here on.</summary>
    public static readonly TimeSpan TakeOver = TimeSpan.FromDays(365);

    /// <summary>What the authorities should be now; the same object if nothing is due.</summary>
    /// <param name="create">Makes a new authority.</param>
    public static TrustedAuthorities Due(TrustedAuthorities known, DateTimeOffset now, Func<CertificateAuthority> create)
    {
        var left = known.Current.NotAfter - now;
        if (left <= TimeSpan.Zero && known.Next is null)
            return new(create(), null, null);
        if (left < TakeOver && known.Next is { } next)
            return new(next, null, known.Current.CertificatePem);
        if (left < Announce && known.Next is null)
            return known with { Next = create() };
        return known.PreviousPem is { } previous && IsOver(previous, now) ? known with { PreviousPem = null } : known;
    }

    private static bool IsOver(string pem, DateTimeOffset now)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.NotAfter.ToUniversalTime() < now.UtcDateTime;
    }
}
