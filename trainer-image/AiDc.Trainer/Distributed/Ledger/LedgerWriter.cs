using System.Text.Json;
using AiDc.Trainer.Checkpoints;

namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>The ledger of one process: a file of its own, a line of JSON a step. A killed process loses no line that it wrote.</summary>
public sealed class LedgerWriter : IDisposable
{
    private readonly string _file;
    private readonly FileStream _stream;

    /// <param name="folder">Created when missing.</param>
    /// <param name="uid">Makes the file's name unique.</param>
    /// <exception cref="StorageException">The file cannot be made.</exception>
    public LedgerWriter(string folder, string uid)
    {
        DurableFiles.CreateDirectory(folder);
        _file = Path.Combine(folder, $"{uid}{LedgerReader.Extension}");
        try
        {
            _stream = new FileStream(_file, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(_file, error);
        }
    }

    /// <exception cref="StorageException">The line could not be written.</exception>
    public void Append(LedgerEntry entry)
    {
        try
        {
            _stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry, Json.Line), (byte)'\n']);
            _stream.Flush();
        }
        catch (IOException error)
        {
            throw StorageErrors.Translate(_file, error);
        }
    }

    public void Dispose() => _stream.Dispose();
}
