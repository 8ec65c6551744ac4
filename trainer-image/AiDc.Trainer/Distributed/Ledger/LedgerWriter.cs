using System.Text.Json;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>
/// The ledger of one process: a file of what it read and a file of what it committed, a line of JSON a step each. A killed process loses no
/// line that it wrote.
/// </summary>
public sealed class LedgerWriter : IDisposable
{
    private readonly FileStream _read;
    private readonly FileStream _committed;

    /// <param name="folder">Created when missing.</param>
    /// <param name="uid">Makes the files' names unique.</param>
    /// <exception cref="StorageException">A file cannot be made.</exception>
    public LedgerWriter(string folder, string uid)
    {
        DurableFiles.CreateDirectory(folder);
        _read = Create(Path.Combine(folder, $"{uid}{LedgerReader.Extension}"));
        _committed = Create(Path.Combine(folder, $"{uid}.commits.jsonl"));
    }

    /// <exception cref="StorageException">The line could not be written.</exception>
    public void Append(LedgerEntry entry) => Write(_read, entry);

    /// <exception cref="StorageException">The line could not be written.</exception>
    public void Append(LedgerCommit commit) => Write(_committed, commit);

    public void Dispose()
    {
        _read.Dispose();
        _committed.Dispose();
    }

    private static FileStream Create(string file)
    {
        try
        {
            return new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(file, error);
        }
    }

    private static void Write<T>(FileStream file, T line)
    {
        try
        {
            file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, Json.Line), (byte)'\n']);
            file.Flush();
        }
        catch (IOException error)
        {
            throw StorageErrors.Translate(file.Name, error);
        }
    }
}
