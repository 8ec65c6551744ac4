using System.IO.Compression;

namespace AiDc.Trainer.Data;

/// <summary>
/// A data file read from front to end, gunzipped if its content says so (names lie). What goes wrong becomes a
/// <see cref="DataException"/> with the file's name.
/// </summary>
internal sealed class DataFile : IDisposable
{
    /// <summary>Deflate cannot expand further than this: 258 bytes out of 2 bits.</summary>
    private const long MaxExpansion = 1032;

    private readonly Stream stream;

    private DataFile(string path, Stream stream, bool compressed, long storedLength)
    {
        Path = path;
        this.stream = stream;
        Compressed = compressed;
        StoredLength = storedLength;
    }

    public string Path { get; }

    public bool Compressed { get; }

    /// <summary>Size on disk, in bytes.</summary>
    public long StoredLength { get; }

    /// <summary>No content can be longer; for a plain file its exact length.</summary>
    public long MaxLength => Compressed ? checked(StoredLength * MaxExpansion) : StoredLength;

    public static DataFile Open(string path) => Guard(path, () =>
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        try
        {
            var magic = new byte[2];
            var compressed = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
            file.Position = 0;
            return new DataFile(path, compressed ? new GZipStream(file, CompressionMode.Decompress) : file, compressed, file.Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    /// <returns>Number of bytes read: the length of the target, or less at the end of the content.</returns>
    public int Read(Span<byte> target)
    {
        var total = 0;
        while (total < target.Length)
        {
            var read = ReadSome(target[total..]);
            if (read == 0) break;
            total += read;
        }
        return total;
    }

    /// <summary>The content must end here.</summary>
    /// <param name="declared">What the header said the file holds.</param>
    public void ExpectEnd(string declared)
    {
        Span<byte> one = stackalloc byte[1];
        if (Read(one) != 0)
            throw new DataException(Path, $"has bytes after the {declared} that its header declares", "Replace it by an undamaged copy");
    }

    public void Dispose() => stream.Dispose();

    /// <summary>Runs a read and turns the errors of the file system and of decompression into data errors.</summary>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (Translate(path, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>The data error that an exception of reading a file means, or null if it is of another kind.</summary>
    public static DataException? Translate(string path, Exception e) => e switch
    {
        DataException => null,
        FileNotFoundException or DirectoryNotFoundException =>
            new(path, "there is no such file", "Name the folder that holds the data", e),
        UnauthorizedAccessException =>
            new(path, Directory.Exists(path) ? "is a folder or may not be read" : "may not be read (permission denied)",
                "Let the user of this process read it", e),
        InvalidDataException =>
            new(path, $"its content is damaged or cut off ({FirstLine(e)})", "Replace it by an undamaged copy", e),
        EndOfStreamException => new(path, "is cut off", "Replace it by an undamaged copy", e),
        IOException => new(path, $"cannot be read ({FirstLine(e)})", "Check the file and the disk that holds it", e),
        _ => null,
    };

    /// <summary>An array for content that a header announces; call it only after comparing with the file's size.</summary>
    public static byte[] Allocate(string path, long bytes)
    {
        if (bytes > Array.MaxLength)
            throw new DataException(path, $"its images need {bytes >> 20} MiB as pixels, and a split may have 2047 MiB",
                "Use smaller or fewer images");
        try
        {
            return GC.AllocateUninitializedArray<byte>((int)bytes);
        }
        catch (OutOfMemoryException e)
        {
            throw new DataException(path, $"its images need {bytes >> 20} MiB of memory, and that much is not to be had",
                "Give the process more memory, or use smaller or fewer images", e);
        }
    }

    public static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].TrimEnd('.', '\r');

    private int ReadSome(Span<byte> target)
    {
        try
        {
            return stream.Read(target);
        }
        catch (Exception e) when (Translate(Path, e) is { } error)
        {
            throw error;
        }
    }
}
