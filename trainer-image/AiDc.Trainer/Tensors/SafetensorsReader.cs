using System.Buffers.Binary;
using System.Text.Json;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Tensors;

/// <summary>Reads safetensors, and refuses whatever its format does not allow: nothing of a file is trusted before it was checked.</summary>
public static class SafetensorsReader
{
    private sealed record Entry(string Name, string Type, long[] Shape, long Begin, long End);

    /// <exception cref="InvalidFileException">Not a valid file.</exception>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public static IReadOnlyDictionary<string, HostTensor> Read(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Read(stream, file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(file, "the file is missing", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(file, error);
        }
    }

    /// <param name="stream">A seekable stream at its beginning.</param>
    /// <param name="file">Its name for messages.</param>
    public static IReadOnlyDictionary<string, HostTensor> Read(Stream stream, string file)
    {
        var (entries, dataStart) = ReadHeader(stream, file);
        var dataLength = stream.Length - dataStart;
        long expected = 0;
        var tensors = new Dictionary<string, HostTensor>(StringComparer.Ordinal);
        foreach (var entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            var (type, bytes) = Safetensors.Find(entry.Type) ?? throw new InvalidFileException(file, $"tensor {entry.Name} has the unknown type {entry.Type}");
            if (entry.Begin != expected) throw new InvalidFileException(file, $"tensor {entry.Name} begins at {entry.Begin}, but the one before ends at {expected}");
            if (entry.End > dataLength) throw new InvalidFileException(file, $"tensor {entry.Name} ends at {entry.End}, but the file has {dataLength} bytes of data: it is truncated");
            if (entry.End - entry.Begin != ByteCount(entry, bytes, file)) throw new InvalidFileException(file, $"tensor {entry.Name} has {entry.End - entry.Begin} bytes, which its shape and type contradict");
            var data = new byte[entry.End - entry.Begin];
            stream.Position = dataStart + entry.Begin;
            stream.ReadExactly(data);
            tensors.Add(entry.Name, new HostTensor(entry.Name, type, entry.Shape, data));
            expected = entry.End;
        }

        return expected == dataLength ? tensors : throw new InvalidFileException(file, $"{dataLength - expected} bytes follow the last tensor");
    }

    private static (List<Entry> Entries, long DataStart) ReadHeader(Stream stream, string file)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            throw new InvalidFileException(file, "it is shorter than the 8 bytes of its header's length");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > Safetensors.MaximumHeaderBytes || (long)length > stream.Length - prefix.Length)
            throw new InvalidFileException(file, $"its header claims {length} bytes, more than the file or the format's limit allows");
        var json = new byte[length];
        stream.ReadExactly(json);
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(json, options);
            var entries = document.RootElement.EnumerateObject().Where(p => p.Name != Safetensors.MetadataKey).Select(p => Parse(p)).ToList();
            return (entries, prefix.Length + (long)length);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidFileException(file, $"its header is not the JSON of safetensors ({error.Message})", error);
        }
    }

    private static Entry Parse(JsonProperty property)
    {
        var offsets = property.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2) throw new FormatException($"{property.Name} needs two data_offsets");
        return new(
            property.Name,
            property.Value.GetProperty("dtype").GetString() ?? throw new FormatException($"{property.Name} has no dtype"),
            [.. property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())],
            offsets[0].GetInt64(),
            offsets[1].GetInt64());
    }

    private static long ByteCount(Entry entry, int bytesPerValue, string file)
    {
        try
        {
            var count = (long)bytesPerValue;
            foreach (var size in entry.Shape) count = size >= 0 ? checked(count * size) : throw new OverflowException();
            return count <= Array.MaxLength ? count : throw new OverflowException();
        }
        catch (OverflowException error)
        {
            throw new InvalidFileException(file, $"tensor {entry.Name} has the impossible shape [{string.Join(", ", entry.Shape)}]", error);
        }
    }
}
