using System.Security.Cryptography;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Sources;

/// <summary>Copies a file from the network; what is there of an earlier attempt is gone on with.</summary>
/// <param name="copied">Told of bytes that are in the copy, also of those that were there before.</param>
internal sealed class FileCopy(Action<long> copied)
{
    /// <returns>Bytes of the copy.</returns>
    /// <exception cref="TrainerException">It could not be copied; what there is of it stays for the next attempt.</exception>
    public long Run(WantedFile file, string path, CancellationToken cancellation)
    {
        for (var failures = 0; ;)
        {
            var before = Length(path);
            try
            {
                return Attempt(file, path, cancellation);
            }
            catch (Exception error) when (Attempts.IsTransient(error))
            {
                failures = Length(path) > before ? 1 : failures + 1;
                if (!Attempts.Pause(failures, cancellation)) throw file.Explain(error);
            }
        }
    }

    /// <summary>A copy that is not counted any more.</summary>
    public void Forget(long bytes) => copied(-bytes);

    private long Attempt(WantedFile file, string path, CancellationToken cancellation)
    {
        using var target = Open(path, file.Bytes);
        var counted = target.Length;
        copied(counted);
        try
        {
            using var source = file.Open(target.Length, cancellation);
            var buffer = new byte[1 << 18];
            for (int read; (read = source.Read(buffer, 0, buffer.Length)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                Write(target, buffer.AsSpan(0, read));
                counted += read;
                copied(read);
            }

            if (file.Bytes is { } bytes && target.Length != bytes) throw new EndOfStreamException($"{target.Length} of {bytes} bytes arrived");
            Flush(target);
            return counted;
        }
        catch
        {
            copied(-counted);
            throw;
        }
    }

    private static FileStream Open(string path, long? bytes)
    {
        try
        {
            var target = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
            if (bytes is null || target.Length > bytes) target.SetLength(0);
            target.Seek(0, SeekOrigin.End);
            return target;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(path, error);
        }
    }

    private static void Write(FileStream target, ReadOnlySpan<byte> bytes)
    {
        try
        {
            target.Write(bytes);
        }
        catch (IOException error)
        {
            throw StorageErrors.Translate(target.Name, error);
        }
    }

    private static void Flush(FileStream target)
    {
        try
        {
            target.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            throw StorageErrors.Translate(target.Name, error);
        }
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}

/// <summary>Repeats what may succeed later, with growing pauses.</summary>
internal static class Attempts
{
    public const int Most = 5;

    /// <param name="explain">Of the last error.</param>
    public static T Repeat<T>(Func<T> attempt, Func<Exception, TrainerException> explain, CancellationToken cancellation)
    {
        for (var failures = 0; ;)
        {
            try
            {
                return attempt();
            }
            catch (Exception error) when (IsTransient(error))
            {
                if (!Pause(++failures, cancellation)) throw explain(error);
            }
        }
    }

    public static bool IsTransient(Exception error) =>
        error is HttpRequestException { InnerException: not System.Security.Authentication.AuthenticationException } or IOException;

    /// <summary>Waits before the next attempt: 0.5 s, then twice as long each time.</summary>
    /// <returns>False when there have been enough.</returns>
    public static bool Pause(int failures, CancellationToken cancellation)
    {
        if (failures >= Most) return false;
        cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(0.5 * (1 << (failures - 1))));
        cancellation.ThrowIfCancellationRequested();
        return true;
    }
}

/// <summary>SHA-256 sums of files.</summary>
internal static class FileSums
{
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static FileSum Of(string path, CancellationToken cancellation)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 20];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }

            return new(stream.Length, Convert.ToHexStringLower(hash.GetCurrentHash()));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(path, error);
        }
    }

    /// <exception cref="InvalidFileException">They differ.</exception>
    public static void Compare(string place, string found, string? expected)
    {
        if (expected is not null && !found.Equals(expected, StringComparison.OrdinalIgnoreCase))
            throw new InvalidFileException(place, $"its SHA-256 is {found}, but {expected.ToLowerInvariant()} is expected. Correct the sum, or look who changed the file");
    }
}
