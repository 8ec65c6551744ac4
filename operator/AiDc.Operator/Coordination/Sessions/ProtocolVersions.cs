namespace AiDc.Operator.Coordination.Sessions;

/// <summary>Which workers this operator understands: those of its own release and of the one before. Pure.</summary>
internal static class ProtocolVersions
{
    public const uint Current = 2;

    /// <returns>Null if it is understood, else why not.</returns>
    public static string? Problem(uint offered, uint current = Current)
    {
        var oldest = Math.Max(1, current - 1);
        return offered >= oldest && offered <= current
            ? null
            : $"protocol version {offered} is not spoken here ({oldest} to {current} are): use a trainer image of the operator's release or of the one before";
    }
}
