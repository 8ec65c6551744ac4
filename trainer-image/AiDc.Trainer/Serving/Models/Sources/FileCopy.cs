using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Models.Sources;

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
