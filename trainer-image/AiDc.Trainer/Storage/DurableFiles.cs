using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AiDc.Trainer.Storage;

/// <summary>Writing so that what was reported as written is there after a power failure.</summary>
internal static partial class DurableFiles
{
    private const int OpenDirectory = 0x10000;
    private const int CurrentDirectory = -100;
    private const uint RenameExchange = 2;

    /// <summary>Writes a new file and waits until it is on the disk.</summary>
    /// <returns>Its size, and its SHA-256 as it was meant to be, in lower-case hex.</returns>
    /// <exception cref="StorageException">It could not be written.</exception>
    public static (long Bytes, string Sha256) Write(string file, Action<Stream> write)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            using var hash = SHA256.Create();
            using (var hashing = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
            using (var buffered = new BufferedStream(hashing, 1 << 16))
                write(buffered);
            stream.Flush(flushToDisk: true);
            return (stream.Length, Convert.ToHexStringLower(hash.Hash!));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(file, error);
        }
    }

    /// <summary>Replaces a file, or creates it: a reader sees the old one or the new one whole.</summary>
    /// <returns>As of <see cref="Write"/>.</returns>
    public static (long Bytes, string Sha256) Replace(string file, string temporaryName, Action<Stream> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var temporary = Path.Combine(folder, temporaryName);
        try
        {
            var written = Write(temporary, write);
            File.Move(temporary, file, overwrite: true);
            FlushDirectory(folder);
            return written;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(file, error);
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <exception cref="StorageException">It could not be created.</exception>
    public static void CreateDirectory(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(folder, error);
        }
    }

    /// <summary>Waits until the names in a folder are on the disk: a file's own fsync does not cover its name.</summary>
    public static void FlushDirectory(string folder)
    {
        var descriptor = Open(folder, OpenDirectory);
        if (descriptor < 0) throw new StorageException(folder, $"cannot be opened ({Marshal.GetLastPInvokeErrorMessage()})");
        try
        {
            // Some network file systems cannot flush a folder (EINVAL); they order names by themselves.
            const int invalid = 22;
            if (Fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() != invalid)
                throw new StorageException(folder, $"cannot be flushed ({Marshal.GetLastPInvokeErrorMessage()})");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Puts a folder where another one may be. Atomic where the file system can exchange two names (ext4, xfs, btrfs, tmpfs, overlayfs).</summary>
    /// <param name="spare">A free name beside the target, for file systems that cannot.</param>
    public static void ReplaceDirectory(string source, string target, string spare)
    {
        try
        {
            if (!Directory.Exists(target))
            {
                Directory.Move(source, target);
            }
            else if (RenameAt2(CurrentDirectory, source, CurrentDirectory, target, RenameExchange) == 0)
            {
                TryDelete(source);
            }
            else
            {
                Directory.Move(target, spare);
                Directory.Move(source, target);
                TryDelete(spare);
            }

            FlushDirectory(Path.GetDirectoryName(target)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(target, error);
        }
    }

    /// <summary>Removes a file or a folder with all it holds. A failure is no harm: what is left is found and removed at the next occasion.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else if (File.Exists(path)) File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nothing depends on it.
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int oldFolder, string oldPath, int newFolder, string newPath, uint flags);
}
