namespace AiDc.Trainer.Storage;

/// <summary>A folder of a file system. What was written is on the disk, and its name too, before anything refers to it.</summary>
/// <param name="root">Need not exist.</param>
public sealed class LocalFolder(string root) : IStorageFolder
{
    public string Locate(string name) => name.Length == 0 ? root : Path.Combine(root, name);

    public IReadOnlyList<string> Folders()
    {
        try
        {
            // Not asked for before: a folder that cannot be looked at is said not to exist.
            return [.. Directory.EnumerateDirectories(root).Select(d => Path.GetFileName(d))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(root, error);
        }
    }

    public bool Exists(string file)
    {
        var path = Locate(file);
        try
        {
            return !File.GetAttributes(path).HasFlag(FileAttributes.Directory);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(path, error);
        }
    }

    public FileSum Write(string file, Action<Stream> write)
    {
        DurableFiles.CreateDirectory(FolderOf(file));
        var (bytes, sha256) = DurableFiles.Write(Locate(file), write);
        return new(bytes, sha256);
    }

    public FileSum Publish(string file, Action<Stream> write)
    {
        var folder = FolderOf(file);
        DurableFiles.CreateDirectory(folder);
        DurableFiles.FlushDirectory(folder);
        var (bytes, sha256) = DurableFiles.Replace(Locate(file), Path.GetFileName(file) + ".partial", write);
        DurableFiles.FlushDirectory(root);
        return new(bytes, sha256);
    }

    public Stream OpenRead(string file)
    {
        var path = Locate(file);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(path, "the file is missing", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(path, error);
        }
    }

    public void TryDeleteFolder(string folder, string first)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        DurableFiles.TryDelete(Locate($"{folder}/{first}"));
        DurableFiles.TryDelete(Locate(folder));
    }

    public void TryDeleteFile(string file) => DurableFiles.TryDelete(Locate(file));

    public void Probe(string uid)
    {
        DurableFiles.CreateDirectory(root);
        var probe = Locate($".probe-{uid}");
        try
        {
            DurableFiles.Write(probe, stream => stream.Write("probe"u8));
        }
        finally
        {
            DurableFiles.TryDelete(probe);
        }
    }

    private string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(Locate(file)))!;
}
