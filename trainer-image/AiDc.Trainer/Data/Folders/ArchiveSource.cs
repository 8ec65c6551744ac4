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
    private const int MostLinks = 16;

    private static readonly string[] Suffixes = [".tar", ".tar.gz", ".tgz"];

    /// <summary>What the first bytes of archives are that are none of ours.</summary>
    private static readonly (string Kind, byte[] Magic)[] Foreign =
    [
        ("a zip archive", [0x50, 0x4B, 0x03, 0x04]), ("compressed by xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A]), ("compressed by bzip2", [0x42, 0x5A, 0x68]),
        ("compressed by zstd", [0x28, 0xB5, 0x2F, 0xFD]), ("a 7z archive", [0x37, 0x7A, 0xBC, 0xAF]), ("a rar archive", [0x52, 0x61, 0x72, 0x21]),
    ];

    private readonly string archive;
    private readonly FileStream file;
    private readonly Dictionary<string, ImageFile> files = new(StringComparer.Ordinal);
    private readonly HashSet<string> folders = new(StringComparer.Ordinal);
    private readonly LeftOut leftOut = new();

    /// <summary>Paths of links and where they lead: another entry may come after the link to it.</summary>
    private readonly Dictionary<string, string?> links = new(StringComparer.Ordinal);

    /// <summary>Files that are no images by their own name or place; a link of an image's name may lead to them.</summary>
    private readonly Dictionary<string, Func<byte[]>> others = new(StringComparer.Ordinal);

    private int absolute;
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
        foreach (var link in links.Keys) Follow(link);
        return new(archive, [.. files.Values], folders, leftOut, absolute == 0 ? [] : [$"{absolute} entries have absolute names; they are read as if these began below the archive."]);
    }

    /// <summary>Whether a file of this name is one that is looked into when it lies alone in a folder.</summary>
    public static bool IsArchive(string name) => Suffixes.Any(suffix => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));

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
        var magic = new byte[5];
        var known = magic.AsMemory(0, file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false));
        file.Position = 0;
        if (Foreign.FirstOrDefault(f => known.Span.StartsWith(f.Magic)).Kind is { } kind)
            throw new DataException(archive, $"is {kind}", "Pack it as .tar, .tar.gz or .tgz, or unpack it and name the folder");
        var zipped = known.Span.StartsWith<byte>([0x1F, 0x8B]);
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
        var parts = Parts(entry.Name);
        if (parts.Contains(".."))
        {
            leftOut.Add(Reason.Climbs, entry.Name);
            return;
        }
        if (parts.Length == 0) return;
        var hidden = parts.Any(ImageFile.IsHidden);
        var path = string.Join('/', parts);
        if (IsSparse(entry))
        {
            // Its name may be one that tar made up; the real one is among its attributes.
            leftOut.Add(Reason.Sparse, entry is PaxTarEntry pax ? pax.ExtendedAttributes.GetValueOrDefault("GNU.sparse.name", path) : path);
            return;
        }
        if (entry.Name.StartsWith('/') && !hidden) absolute++;
        var isFolder = entry.EntryType == TarEntryType.Directory;
        if (!hidden)
            for (var n = 1; n < parts.Length + (isFolder ? 1 : 0); n++) folders.Add(string.Join('/', parts[..n]));
        if (isFolder) return;
        // An archive that was added to may hold a name twice; the last one counts.
        files.Remove(path);
        links.Remove(path);
        if (entry.EntryType is TarEntryType.HardLink) links[path] = Resolve([], entry.LinkName);
        else if (entry.EntryType is TarEntryType.SymbolicLink) links[path] = Resolve(parts[..^1], entry.LinkName);
        else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile) AddFile(entry, path, hidden, zipped);
    }

    private void AddFile(TarEntry entry, string path, bool hidden, bool zipped)
    {
        var name = $"{archive}!{path}";
        var isImage = ImageFile.IsImage(path);
        if (isImage && entry.Length > ImageFile.MostBytes)
            throw new DataException(name, $"has {entry.Length >> 20} MiB, and an image file may have {ImageFile.MostBytes >> 20}", "Make the image smaller");
        if (isImage && !hidden) files[path] = new ImageFile(path, name, zipped ? Keep(entry, name) : Locate(entry, name));
        else if (entry.Length <= ImageFile.MostBytes && (isImage || !zipped)) others[path] = zipped ? Keep(entry, name) : Locate(entry, name);
        if (!isImage && !hidden && !ImageFile.IsCompany(path[(path.LastIndexOf('/') + 1)..])) leftOut.Add(ImageFile.Unread(path), path);
    }

    /// <summary>A link of an image's name gives what it leads to, as tar itself would when it unpacks.</summary>
    private void Follow(string link)
    {
        if (link.Split('/').Any(ImageFile.IsHidden) || ImageFile.IsCompany(link[(link.LastIndexOf('/') + 1)..])) return;
        var target = link;
        for (var steps = 0; target is not null && links.TryGetValue(target, out var next) && steps < MostLinks; steps++) target = next;
        var read = target is null ? null : files.TryGetValue(target, out var file) ? file.Read : others.GetValueOrDefault(target);
        if (read is null) leftOut.Add(Reason.DeadLink, link);
        else if (ImageFile.IsImage(link)) files[link] = new ImageFile(link, $"{archive}!{link}", read);
        else leftOut.Add(ImageFile.Unread(link), link);
    }

    /// <returns>Null where it leads out of the archive.</returns>
    private static string? Resolve(IEnumerable<string> from, string link)
    {
        var path = link.StartsWith('/') ? [] : from.ToList();
        foreach (var part in Parts(link))
        {
            if (part != "..") path.Add(part);
            else if (path.Count == 0) return null;
            else path.RemoveAt(path.Count - 1);
        }
        return string.Join('/', path);
    }

    private static string[] Parts(string name) => [.. name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];

    /// <summary>GNU's own type, or one of the ways in which its pax archives say so (GNU tar manual, "Storing Sparse Files").</summary>
    private static bool IsSparse(TarEntry entry) => entry.EntryType == TarEntryType.SparseFile
        || (entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)));

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
