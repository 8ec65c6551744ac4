namespace AiDc.Trainer.Data.Folders;

/// <summary>Lists the images below a folder. Symbolic links are followed, but not in circles.</summary>
internal static class DirectorySource
{
    private const int MostDepth = 16;

    public static FileTree List(string root, CancellationToken cancellationToken)
    {
        var files = new List<ImageFile>();
        var folders = new List<string>();
        var leftOut = new LeftOut();
        DataFile.Guard(root, () => { Walk(new DirectoryInfo(root), "", 0); return 0; });
        return new(root, files, folders, leftOut, []);

        void Walk(DirectoryInfo folder, string path, int depth)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RefuseCircle(folder);
            if (depth > MostDepth)
                throw new DataException(folder.FullName, $"lies more than {MostDepth} folders deep", "Put the class folders at the top, or below train and test");
            foreach (var entry in Entries(folder).Where(e => !ImageFile.IsHidden(e.Name)))
            {
                var below = path + entry.Name;
                if (entry is DirectoryInfo inner)
                {
                    folders.Add(below);
                    Walk(inner, below + '/', depth + 1);
                }
                else if (ImageFile.IsImage(entry.Name))
                {
                    files.Add(new(below, entry.FullName, () => ReadFile(entry.FullName)));
                }
                else if (!ImageFile.IsCompany(entry.Name) && !(depth == 0 && ArchiveSource.IsArchive(entry.Name)))
                {
                    leftOut.Add(ImageFile.Unread(entry.Name), below);
                }
            }
        }
    }

    private static FileSystemInfo[] Entries(DirectoryInfo folder) => DataFile.Guard(folder.FullName, folder.GetFileSystemInfos);

    private static void RefuseCircle(DirectoryInfo folder)
    {
        if (folder.LinkTarget is null) return;
        var target = DataFile.Guard(folder.FullName, () => folder.ResolveLinkTarget(returnFinalTarget: true))?.FullName;
        if (target is not null && (folder.FullName + '/').StartsWith(target.TrimEnd('/') + '/', StringComparison.Ordinal))
            throw new DataException(folder.FullName, $"is a symbolic link to {target}, a folder that contains it", "Remove the link");
    }

    private static byte[] ReadFile(string path) => DataFile.Guard(path, () =>
    {
        using var handle = File.OpenHandle(path);
        var length = RandomAccess.GetLength(handle);
        if (length > ImageFile.MostBytes)
            throw new DataException(path, $"has {length >> 20} MiB, and an image file may have {ImageFile.MostBytes >> 20}", "Make the image smaller");
        var bytes = new byte[length];
        return ArchiveSource.ReadAt(handle, bytes, 0) == length ? bytes
            : throw new DataException(path, "shrank while it was read", "Start again when it is complete");
    });
}
