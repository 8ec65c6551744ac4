namespace AiDc.Operator.Membership;

/// <summary>Who writes the checkpoint of a gang that holds, if it is asked to end: one that has the newest state.</summary>
internal static class HoldWriterPolicy
{
    public static string? Choose(Selection s) => s.All
        .Where(c => c.Lost is null && c.IsConnected && c.Session!.Standing.HasState && s.Witnesses.Contains(c.Uid))
        .OrderByDescending(c => c.Session!.Standing.StateGeneration)
        .ThenByDescending(c => c.Session!.Standing.CommittedStep)
        .ThenBy(c => c.Index)
        .FirstOrDefault()?.Uid;
}
