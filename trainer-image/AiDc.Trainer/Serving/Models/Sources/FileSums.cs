using System.Security.Cryptography;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Serving.Models.Sources;

/// <summary>SHA-256 sums of files.</summary>
internal static class FileSums
{
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static FileSum Of(string path, CancellationToken cancellation)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 20];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }

            return new(stream.Length, Convert.ToHexStringLower(hash.GetCurrentHash()));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(path, error);
        }
    }

    /// <exception cref="InvalidFileException">They differ.</exception>
    public static void Compare(string place, string found, string? expected)
    {
        if (expected is not null && !found.Equals(expected, StringComparison.OrdinalIgnoreCase))
            throw new InvalidFileException(place, $"its SHA-256 is {found}, but {expected.ToLowerInvariant()} is expected. Correct the sum, or look who changed the file");
    }
}
