namespace AiDc.Trainer.Storage;

/// <summary>
/// A folder that holds folders of files, on a disk or in an object store. Names in it are relative to it, with <c>/</c> between their parts.
/// </summary>
public interface IStorageFolder
{
    /// <summary>Where a person finds something of this folder: a path or a URI. An empty name is the folder itself.</summary>
    string Locate(string name);

    /// <summary>The names of the folders in it; none where it does not exist.</summary>
    /// <exception cref="StorageException">They cannot be listed.</exception>
    IReadOnlyList<string> Folders();

    /// <summary>Whether there is such a file.</summary>
    /// <exception cref="StorageException">It cannot be told now.</exception>
    bool Exists(string file);

    /// <summary>Writes a new file, with the folder that it is in. It is whole and stays when this returns; when it throws there is none.</summary>
    /// <exception cref="StorageException">It could not be written.</exception>
    FileSum Write(string file, Action<Stream> write);

    /// <summary>
    /// Writes the file by which others know that its folder is complete, or replaces it: they see it whole or not at all, and only
    /// with all that was written into the folder before.
    /// </summary>
    /// <exception cref="StorageException">It could not be written.</exception>
    FileSum Publish(string file, Action<Stream> write);

    /// <summary>Opens a file to be read once, from its beginning to its end. The stream knows its length.</summary>
    /// <exception cref="InvalidFileException">There is no such file.</exception>
    /// <exception cref="StorageException">It is there and cannot be read now: that says nothing about what it holds.</exception>
    Stream OpenRead(string file);

    /// <summary>Removes a folder with all it holds, one file before all others. A failure is no harm: what is left is removed at the next occasion.</summary>
    /// <param name="folder">Not empty.</param>
    /// <param name="first">The file without which what is left does not look whole.</param>
    void TryDeleteFolder(string folder, string first);

    /// <summary>Removes a file. A failure is no harm.</summary>
    void TryDeleteFile(string file);

    /// <summary>Finds out whether files can be written into it, by writing one and removing it.</summary>
    /// <param name="uid">A name that no other writer has.</param>
    /// <exception cref="StorageException">They cannot.</exception>
    void Probe(string uid);
}

/// <summary>What a file was written as.</summary>
/// <param name="Sha256">In lower-case hex.</param>
public readonly record struct FileSum(long Bytes, string Sha256);
