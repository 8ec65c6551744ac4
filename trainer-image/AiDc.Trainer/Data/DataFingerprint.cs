using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace AiDc.Trainer.Data;

/// <summary>Tells whether two runs read the same data: the names of the classes, the shape, the labels and the pixels of both splits.</summary>
public static class DataFingerprint
{
    /// <summary>Hashed by itself, several at a time: one after the other the pixels of a large set would take seconds.</summary>
    private const int Chunk = 8 << 20;

    /// <returns>SHA-256 in lower-case hex.</returns>
    public static string Of(ImageData data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, data.Train);
        if (data.Test is { } test) Add(hash, test);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Add(IncrementalHash hash, ImageDataset split)
    {
        Number(split.Count, split.Channels, split.Height, split.Width, split.Classes.Count);
        foreach (var name in split.Classes)
        {
            // With its length: two names are not one.
            var bytes = Encoding.UTF8.GetBytes(name);
            Number(bytes.Length);
            hash.AppendData(bytes);
        }

        hash.AppendData(MemoryMarshal.AsBytes<long>(split.Labels));
        hash.AppendData(OfChunks(split.Pixels));

        void Number(params ReadOnlySpan<int> numbers)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            foreach (var number in numbers)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
                hash.AppendData(bytes);
            }
        }
    }

    /// <summary>The hashes of all chunks, one after the other.</summary>
    private static byte[] OfChunks(byte[] pixels)
    {
        var hashes = new byte[((pixels.Length + (long)Chunk - 1) / Chunk) * SHA256.HashSizeInBytes];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, hashes.Length / SHA256.HashSizeInBytes, options, i =>
            SHA256.HashData(
                pixels.AsSpan(i * Chunk, Math.Min(Chunk, pixels.Length - i * Chunk)),
                hashes.AsSpan(i * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes)));
        return hashes;
    }
}
