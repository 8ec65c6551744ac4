using System.Formats.Tar;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace AiDc.Trainer.Data.Folders;

/// <summary>
/// Lists the images in a .tar without unpacking it: of a plain one the places of the entries are kept and their bytes read
/// when they are wanted; of a gzipped one the (still encoded) images are kept in memory. Nothing is ever written, so names
/// like ../../x do no harm; they are left out.
/// </summary>
internal sealed class ArchiveSource : IDisposable
{
    private const long MostUnpacked = 64L << 30, MostKept = 4L << 30;
    private const string Fresh = "Replace it by an undamaged copy";

    private readonly string archive;
    private readonly FileStream file;
    private readonly Dictionary<string, ImageFile> files = new(StringComparer.Ordinal);
    private readonly HashSet<string> folders = new(StringComparer.Ordinal);
    private int tricks;
    private long unpacked, kept;

    private ArchiveSource(string archive)
    {
        this.archive = archive;
        file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
    }

    public static ArchiveSource Open(string archive) => DataFile.Guard(archive, () => new ArchiveSource(archive));

    public FileTree List(CancellationToken cancellationToken)
    {
        try
        {
            ReadEntries(cancellationToken);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or NotSupportedException or InvalidOperationException)
        {
            throw new DataException(archive, $"is no undamaged tar archive ({DataFile.FirstLine(e)})", Fresh, e);
        }
        catch (Exception e) when (DataFile.Translate(archive, e) is { } error)
        {
            throw error;
        }
        return new(archive, [.. files.Values], folders, tricks == 0 ? [] : [$"{tricks} entries with '..' in their names are left out."]);
    }

    public void Dispose() => file.Dispose();

    /// <summary>Reads from a place of a file until the target is full or the file ends.</summary>
    public static int ReadAt(SafeFileHandle handle, Span<byte> target, long offset)
    {
        var total = 0;
        while (total < target.Length && RandomAccess.Read(handle, target[total..], offset + total) is > 0 and var read) total += read;
        return total;
    }

    private void ReadEntries(CancellationToken cancellationToken)
    {
        var magic = new byte[2];
        var zipped = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
        file.Position = 0;
        if (!zipped) RequireEndMark();
        using var unzip = zipped ? new GZipStream(file, CompressionMode.Decompress, leaveOpen: true) : null;
        using var reader = new TarReader(unzip ?? (Stream)file, leaveOpen: true);
        while (reader.GetNextEntry() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((unpacked += entry.Length) > MostUnpacked)
                throw new DataException(archive, $"unpacks to more than {MostUnpacked >> 30} GiB", "Unpack it, and name the folder");
            Add(entry, zipped);
        }
        // What follows the end mark of the archive still belongs to the checksum of the compressed file.
        var rest = new byte[4096];
        while (unzip is not null && unzip.Read(rest) > 0 && (unpacked += rest.Length) < MostUnpacked) cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>A tar ends with at least one block of zeros; one that was cut between two entries would else pass for whole.</summary>
    private void RequireEndMark()
    {
        var block = new byte[512];
        if (file.Length < block.Length || file.Length % block.Length != 0
            || ReadAt(file.SafeFileHandle, block, file.Length - block.Length) != block.Length || block.Any(b => b != 0))
            throw new DataException(archive, $"is no tar archive, or cut off: its {file.Length} bytes do not end with an end mark", Fresh);
    }

    private void Add(TarEntry entry, bool zipped)
    {
        var parts = entry.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToArray();
        if (parts.Contains(".."))
        {
            tricks++;
            return;
        }
        if (parts.Length == 0 || parts.Any(ImageFile.IsHidden)) return;
        var isFolder = entry.EntryType == TarEntryType.Directory;
        for (var n = 1; n < parts.Length + (isFolder ? 1 : 0); n++) folders.Add(string.Join('/', parts[..n]));
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)) return;
        if (!ImageFile.IsImage(parts[^1])) return;

        var path = string.Join('/', parts);
        var name = $"{archive}!{path}";
        if (entry.Length > ImageFile.MostBytes)
            throw new DataException(name, $"has {entry.Length >> 20} MiB, and an image file may have {ImageFile.MostBytes >> 20}", "Make the image smaller");
        // An archive that was added to may hold a name twice; the last one counts.
        files[path] = new ImageFile(path, name, zipped ? Keep(entry, name) : Locate(entry, name));
    }

    private Func<byte[]> Locate(TarEntry entry, string name)
    {
        var (offset, length) = (entry.DataOffset, (int)entry.Length);
        if (offset < 0 || offset + length > file.Length) throw new DataException(name, "is cut off with the archive", Fresh);
        return () => DataFile.Guard(name, () =>
        {
            var bytes = new byte[length];
            return ReadAt(file.SafeFileHandle, bytes, offset) == length ? bytes : throw new DataException(name, "is cut off with the archive", Fresh);
        });
    }

    private Func<byte[]> Keep(TarEntry entry, string name)
    {
        using var content = new MemoryStream();
        entry.DataStream?.CopyTo(content);
        if (content.Length != entry.Length) throw new DataException(name, "is cut off with the archive", Fresh);
        if ((kept += content.Length) > MostKept)
            throw new DataException(archive, $"holds more than {MostKept >> 30} GiB of images", "Unpack it, and name the folder; or leave it an uncompressed .tar");
        var bytes = content.ToArray();
        return () => bytes;
    }
}
