namespace AiDc.Api;

/// <summary>What in a pod of ours is the operator's own, and so cannot be a template's.</summary>
public static class ReservedNames
{
    /// <summary>The operator's volumes have this name or begin with it and a hyphen.</summary>
    public const string VolumePrefix = "aidc";

    private static readonly string[] Variables =
        ["RANK", "WORLD_SIZE", "LOCAL_RANK", "NPROC_PER_NODE", "MASTER_ADDR", "MASTER_PORT", "JOB_COMPLETION_INDEX"];

    /// <summary>What a user may tell the built-in trainer by its environment.</summary>
    private static readonly string[] UsersVariables = [PodVariables.LedgerFolder, PodVariables.Interface];

    public static bool IsVolume(string? name) =>
        name is VolumePrefix || name?.StartsWith(VolumePrefix + "-", StringComparison.Ordinal) == true;

    public static bool IsEnvironment(string? name) =>
        name is not null && !UsersVariables.Contains(name)
        && (name.StartsWith("AIDC_", StringComparison.Ordinal) || Variables.Contains(name));
}
