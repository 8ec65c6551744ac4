namespace AiDc.Api;

/// <summary>What in a pod of ours is the operator's own, and so cannot be a template's.</summary>
public static class ReservedNames
{
    /// <summary>The token and the certificates of the coordinator.</summary>
    public const string SecretsMount = "/var/run/secrets/aidc";

    public const string DataMount = "/data";
    public const string CheckpointMount = "/checkpoint";
    public const string ModelMount = "/model";
    public const string CacheMount = "/cache";
    public const string SharedMemoryMount = "/dev/shm";

    /// <summary>The operator's volumes have this name or begin with it and a hyphen.</summary>
    public const string VolumePrefix = "aidc";

    private static readonly string[] Variables =
        ["RANK", "WORLD_SIZE", "LOCAL_RANK", "NPROC_PER_NODE", "MASTER_ADDR", "MASTER_PORT", "JOB_COMPLETION_INDEX"];

    /// <summary>What a user may tell the built-in trainer by its environment.</summary>
    private static readonly string[] UsersVariables = ["AIDC_LEDGER_DIR", "AIDC_INTERFACE"];

    public static bool IsVolume(string? name) =>
        name is VolumePrefix || name?.StartsWith(VolumePrefix + "-", StringComparison.Ordinal) == true;

    public static bool IsEnvironment(string? name) =>
        name is not null && !UsersVariables.Contains(name)
        && (name.StartsWith("AIDC_", StringComparison.Ordinal) || Variables.Contains(name));
}
