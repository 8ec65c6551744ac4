namespace AiDc.Gateway.Demand;

/// <summary>How a session with a replica of the operator ended.</summary>
internal abstract record SessionEnd
{
    private SessionEnd() { }

    /// <summary>The replica does not lead. <paramref name="Leader"/> is null while nobody does.</summary>
    internal sealed record Redirected(Uri? Leader) : SessionEnd;

    /// <summary>The operator will not have us; asking again cannot help before something is changed.</summary>
    internal sealed record Refused(string Reason) : SessionEnd;

    /// <summary>It could not be reached, or broke.</summary>
    internal sealed record Lost(string Why, bool WasWelcome) : SessionEnd;
}
