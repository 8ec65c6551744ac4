using System.Text.Json;

namespace AiDc.Trainer.Storage;

/// <summary>Reading what was written before, with all that may be wrong with it by now.</summary>
internal static class StoredFiles
{
    /// <summary>Reads a file in one go and returns what it holds only if it is what was written.</summary>
    /// <exception cref="InvalidFileException">It is missing, or not of that size and sum, or not of that format.</exception>
    /// <exception cref="StorageException">It cannot be read now.</exception>
    public static T ReadChecked<T>(IStorageFolder root, string file, FileSum expected, Func<Stream, string, T> read)
    {
        var path = root.Locate(file);
        using var stream = new VerifyingStream(path, root.OpenRead(file), expected).CheckLength();
        var value = read(stream, path);
        stream.CheckContent();
        return value;
    }

    /// <exception cref="InvalidFileException">The file is missing, or not that JSON.</exception>
    /// <exception cref="StorageException">It cannot be read now.</exception>
    public static T ReadJson<T>(IStorageFolder root, string file)
    {
        try
        {
            using var stream = root.OpenRead(file);
            return ParseJson<T>(stream, root.Locate(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(root.Locate(file), error);
        }
    }

    /// <exception cref="InvalidFileException">It is not that JSON.</exception>
    public static T ParseJson<T>(Stream stream, string file)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(stream, Json.File) ?? throw new InvalidFileException(file, "it holds null");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(file, $"it is not the JSON that was written ({error.Message})", error);
        }
    }
}
