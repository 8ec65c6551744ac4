using System.Buffers.Binary;
using System.IO.Compression;

namespace AiDc.Trainer.Data;

/// <summary>Writes grey images as gzipped IDX files: into hidden files first, renamed when all are on the disk.</summary>
internal static class IdxWriter
{
    /// <param name="splits">The prefix of the file names ("train", "t10k") and the images.</param>
    public static void Write(string directory, IEnumerable<(string Prefix, ImageDataset Data)> splits, CancellationToken cancellationToken)
    {
        var written = new List<(string Hidden, string Final)>();
        var current = directory;
        try
        {
            Directory.CreateDirectory(directory);
            foreach (var (name, content) in splits.SelectMany(split => Files(split.Prefix, split.Data)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                current = Path.Combine(directory, name);
                RefuseHidden(current);
                written.Add((Path.Combine(directory, $".{name}.partial"), current));
                WriteFile(written[^1].Hidden, content);
            }
            foreach (var (hidden, final) in written)
            {
                current = final;
                File.Move(hidden, final, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(current, $"cannot be written ({DataFile.FirstLine(e)}); give --output a folder with space that this user may write", e);
        }
        finally
        {
            foreach (var (hidden, _) in written) Discard(hidden);
        }
    }

    /// <summary>Readers take the plain file where both are there, so the new one would go unseen.</summary>
    private static void RefuseHidden(string path)
    {
        var plain = Path.ChangeExtension(path, null);
        if (File.Exists(plain)) throw new StorageException(plain, "is there already and would be read instead of the new file; remove it");
    }

    private static IEnumerable<(string Name, Action<Stream> Content)> Files(string prefix, ImageDataset data)
    {
        if (data.Channels != 1) throw new ArgumentException("IDX files hold grey images", nameof(data));
        yield return ($"{prefix}-images-idx3-ubyte.gz", stream =>
        {
            WriteHeader(stream, 0x803, data.Count, data.Height, data.Width);
            stream.Write(data.Pixels);
        });
        yield return ($"{prefix}-labels-idx1-ubyte.gz", stream =>
        {
            WriteHeader(stream, 0x801, data.Count);
            stream.Write([.. data.Labels.Select(label => checked((byte)label))]);
        });
    }

    private static void WriteFile(string path, Action<Stream> content)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        using (var gzip = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true)) content(gzip);
        file.Flush(flushToDisk: true);
    }

    private static void WriteHeader(Stream stream, uint magic, params ReadOnlySpan<int> dimensions)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(word, magic);
        stream.Write(word);
        foreach (var dimension in dimensions)
        {
            BinaryPrimitives.WriteInt32BigEndian(word, dimension);
            stream.Write(word);
        }
    }

    private static void Discard(string hidden)
    {
        try
        {
            File.Delete(hidden);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here is the one to report; a hidden file more does no harm and the next run overwrites it.
        }
    }
}
