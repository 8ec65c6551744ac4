using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Models.Sources;

/// <summary>
/// Locks between processes, by flock(2), which is what .NET's file sharing is on Linux: the kernel releases them with the process,
/// however that ends, and they hold across the containers of a node that mount the same folder.
/// </summary>
internal static class CacheLock
{
    private const int WouldBlock = 11;

    /// <returns>Null where others hold it.</returns>
    /// <exception cref="StorageException">The file cannot be opened.</exception>
    public static FileStream? TryAlone(string path) => Try(path, FileAccess.ReadWrite, FileShare.None);

    /// <returns>Null where somebody holds it alone.</returns>
    /// <exception cref="StorageException">The file cannot be opened.</exception>
    public static FileStream? TryShared(string path) => Try(path, FileAccess.Read, FileShare.Read);

    private static FileStream? Try(string path, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, access, share, bufferSize: 0);
        }
        catch (IOException error) when ((error.HResult & 0xffff) == WouldBlock)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(path, error);
        }
    }
}
