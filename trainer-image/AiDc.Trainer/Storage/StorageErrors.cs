using System.Runtime.InteropServices;

namespace AiDc.Trainer.Storage;

/// <summary>What the system says about a failed file operation, in words that help.</summary>
internal static partial class StorageErrors
{
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;
    private const int FileTooLarge = 27;

    public static StorageException Translate(string file, Exception error) => new(file, Describe(error), error);

    private static string Describe(Exception error) => (error, error.HResult & 0xffff) switch
    {
        (UnauthorizedAccessException, _) => $"user {EffectiveUser()} has no permission for it. Give the volume an owner or fsGroup that has",
        (DirectoryNotFoundException or FileNotFoundException, _) => "it does not exist. Something removed it while the run was using it",
        (_, NoSpace) => "no space is left on the device. Free some, use a larger volume, or keep fewer checkpoints",
        (_, QuotaExceeded) => "the quota of disk space is used up. Free some or raise it",
        (_, ReadOnlyFileSystem) => "the file system is read-only. Use a volume that can be written",
        (_, FileTooLarge) => "the file would be larger than the limit of the process or the file system",
        _ => error.Message,
    };

    /// <summary>The number: the users of containers seldom have names.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
