namespace AiDc.Trainer.Data.Folders;

/// <summary>The images and the folders below a root, hidden ones left out.</summary>
/// <param name="Root">The folder or the archive.</param>
/// <param name="Files">The images, in no order.</param>
/// <param name="Folders">Paths below the root, parts separated by '/', those without images too.</param>
/// <param name="LeftOut">What looks like data and is not among the images; the layout adds to it.</param>
/// <param name="Notes">What else a person should know, a sentence each.</param>
internal sealed record FileTree(string Root, IReadOnlyList<ImageFile> Files, IReadOnlyCollection<string> Folders, LeftOut LeftOut, IReadOnlyList<string> Notes);

/// <summary>A file of a folder or of an archive.</summary>
/// <param name="Path">Below the root, parts separated by '/'.</param>
/// <param name="Name">What to call it in a message: its full path, or <c>archive.tar!path</c>.</param>
/// <param name="Read">Its bytes; may be called from several threads, and throws <see cref="DataException"/>.</param>
internal sealed record ImageFile(string Path, string Name, Func<byte[]> Read)
{
    /// <summary>No single image file is larger; a limit on what a damaged or hostile size makes us allocate.</summary>
    public const long MostBytes = 256L << 20;

    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp"];

    /// <summary>Kinds of files that data sets bring along and that are no samples. Every other name that is no image's is counted.</summary>
    private static readonly string[] Company =
    [
        ".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".log", ".html", ".htm", ".pdf", ".py", ".sh",
        ".ipynb", ".db", ".sha256", ".sha512", ".md5", ".sum", ".license", ".bib", ".lnk", ".url",
    ];

    private static readonly string[] CompanyNames = ["readme", "license", "licence", "copying", "checksums", "sha256sums", "md5sums", "manifest", "makefile"];

    /// <summary>By its name; what it really is, its content says when it is decoded.</summary>
    public static bool IsImage(string name) => Extensions.Contains(System.IO.Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether nobody misses it.</summary>
    public static bool IsCompany(string name) =>
        Company.Contains(System.IO.Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) || CompanyNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a file of such a name is not read.</summary>
    public static Reason Unread(string name) => Reason.Unread(System.IO.Path.GetExtension(name).ToLowerInvariant(), Extensions);

    /// <summary>Names that file systems, archivers and desktops make for themselves.</summary>
    public static bool IsHidden(string part) => part.StartsWith('.') || part is "__MACOSX" or "lost+found" or "@eaDir";
}

/// <summary>An image file and the index of its class.</summary>
internal readonly record struct LabelledFile(ImageFile File, int Label);
