namespace AiDc.Trainer.Data;

/// <summary>
/// Reads the binary version of CIFAR-10 (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte and
/// 3072 pixel bytes, the red plane first, then green, then blue, each 32x32. The files may lie in the folder itself or in
/// cifar-10-batches-bin inside it, and may be gzipped.
/// </summary>
internal static class Cifar10Reader
{
    private const int Side = 32, Channels = 3, PixelBytes = Channels * Side * Side, RecordBytes = 1 + PixelBytes, ClassCount = 10;

    private static readonly string[] DefaultClasses =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    public static ImageData Read(string path, Splits splits = Splits.ToTrain)
    {
        var directory = Path.Combine(path, "cifar-10-batches-bin") is var inner && Directory.Exists(inner) ? inner : path;
        if (!Directory.Exists(directory))
            throw new DataException(path, "is not a folder", "Name the folder that holds data_batch_1.bin to data_batch_5.bin");
        var meta = Path.Combine(directory, "batches.meta.txt");
        var classes = File.Exists(meta) ? ClassNames.Read(meta, ClassCount) : DefaultClasses;
        if (classes.Length != ClassCount)
            throw new DataException(meta, $"names {classes.Length} classes, expected {ClassCount}", "Replace it by an undamaged copy");

        var test = Locate(directory, "test_batch.bin");
        if (splits == Splits.ToTest && test is not null && Locate(directory, "data_batch_1.bin") is null)
        {
            var images = ReadSplit([test], classes);
            return new(images.WithoutSamples(), images);
        }

        var train = Enumerable.Range(1, 5).Select(n => Locate(directory, $"data_batch_{n}.bin") ?? throw new DataException(
            Path.Combine(directory, $"data_batch_{n}.bin"), "there is no such file",
            "Put data_batch_1.bin to data_batch_5.bin there, from cifar-10-binary.tar.gz")).ToArray();
        return new(ReadSplit(train, classes), test is null ? null : ReadSplit([test], classes));
    }

    private static string? Locate(string directory, string name) =>
        new[] { name, name + ".gz" }.Select(n => Path.Combine(directory, n)).FirstOrDefault(File.Exists);

    private static ImageDataset ReadSplit(string[] paths, string[] classes)
    {
        var records = paths.Select(ReadRecords).ToArray();
        var count = records.Sum(r => (long)r.Length / RecordBytes);
        var pixels = DataFile.Allocate(paths[0], count * PixelBytes);
        var labels = new long[count];
        var i = 0;
        for (var f = 0; f < paths.Length; f++)
        {
            for (var at = 0; at < records[f].Length; at += RecordBytes, i++)
            {
                labels[i] = Label(paths[f], at / RecordBytes, records[f][at]);
                records[f].AsSpan(at + 1, PixelBytes).CopyTo(pixels.AsSpan(i * PixelBytes));
            }
        }
        return new(i, Channels, Side, Side, classes, pixels, labels);
    }

    private static long Label(string path, int record, byte label) => label < ClassCount ? label : throw new DataException(path,
        $"label {label} of record {record} is out of range, expected 0 to {ClassCount - 1}",
        "Check that this is the binary version of CIFAR-10 (not CIFAR-100), and that it is undamaged");

    private static byte[] ReadRecords(string path)
    {
        using var file = DataFile.Open(path);
        var bytes = file.Compressed ? Inflate(file) : ReadPlain(file);
        if (bytes.Length == 0 || bytes.Length % RecordBytes != 0)
            throw new DataException(path,
                $"has {bytes.Length} bytes, expected a multiple of {RecordBytes} (records of a label and 32x32 pixels in 3 colours)",
                "Replace it by an undamaged copy");
        return bytes;
    }

    private static byte[] ReadPlain(DataFile file)
    {
        var bytes = DataFile.Allocate(file.Path, file.StoredLength);
        return file.Read(bytes) == bytes.Length ? bytes : throw new DataException(file.Path, "shrank while it was read", "Start again");
    }

    /// <summary>No header declares a size here, so the buffer grows with what really comes, up to the size of the real files.</summary>
    private static byte[] Inflate(DataFile file)
    {
        const int Most = 64 << 20;
        using var content = new MemoryStream();
        var chunk = new byte[1 << 16];
        for (int read; (read = file.Read(chunk)) > 0;)
        {
            content.Write(chunk, 0, read);
            if (content.Length > Most)
                throw new DataException(file.Path, "holds more than 64 MiB uncompressed, a CIFAR-10 file has 30", "Check that this is the right file");
        }
        return content.ToArray();
    }
}
