namespace AiDc.Operator.Pods.Builders;

/// <summary>Where things are in a worker's container.</summary>
public static class MountPaths
{
    public const string Data = "/data";
    public const string Checkpoint = "/checkpoint";
    public const string SharedMemory = "/dev/shm";
    public const string Temporary = "/tmp";

    /// <summary>The projected volume with <see cref="Token"/> and <see cref="CaBundle"/>.</summary>
    public const string Aidc = "/var/run/secrets/aidc";
    public const string Token = Aidc + "/token";
    public const string CaBundle = Aidc + "/ca.crt";

    /// <summary>The built-in trainer's result, below <see cref="Checkpoint"/>.</summary>
    public const string ModelFolder = "model";
}
