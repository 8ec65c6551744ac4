namespace AiDc.Trainer.Data.Folders;

/// <summary>A file of a folder or of an archive.</summary>
/// <param name="Path">Below the root, parts separated by '/'.</param>
/// <param name="Name">What to call it in a message: its full path, or <c>archive.tar!path</c>.</param>
/// <param name="Read">Its bytes; may be called from several threads, and throws <see cref="DataException"/>.</param>
internal sealed record ImageFile(string Path, string Name, Func<byte[]> Read)
{
    /// <summary>No single image file is larger; a limit on what a damaged or hostile size makes us allocate.</summary>
    public const long MostBytes = 256L << 20;

    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp"];

    /// <summary>By its name; what it really is, its content says when it is decoded.</summary>
    public static bool IsImage(string name) => Extensions.Contains(System.IO.Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Names that file systems, archivers and desktops make for themselves.</summary>
    public static bool IsHidden(string part) => part.StartsWith('.') || part is "__MACOSX" or "lost+found" or "@eaDir";
}
