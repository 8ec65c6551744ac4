using System.Buffers.Binary;

namespace AiDc.Trainer.Data;

/// <summary>
/// Reads images in the IDX files of MNIST (http://yann.lecun.com/exdb/mnist): train-images-idx3-ubyte, train-labels-idx1-ubyte
/// and, for the test images, the same with t10k- or test-. Plain or .gz, also with a dot before "idx".
/// A file classes.txt next to them names the classes, one a line; without it there are ten, "0" to "9".
/// </summary>
internal static class IdxReader
{
    private const uint ImagesMagic = 0x00000803;
    private const uint LabelsMagic = 0x00000801;
    private const string Fresh = "Replace it by an undamaged copy";
    private const int MaxClasses = 256;

    private static readonly string[] TrainPrefixes = ["train"], TestPrefixes = ["t10k", "test"];
    private static readonly char[] Separators = ['-', '.'];
    private static readonly string[] Suffixes = ["", ".gz"];

    public static ImageData Read(string directory, Splits splits = Splits.ToTrain)
    {
        var files = List(directory);
        var classes = Classes(directory, files);
        var train = ReadSplit(directory, files, TrainPrefixes, classes);
        var test = ReadSplit(directory, files, TestPrefixes, classes);
        if (train is null && test is not null && splits == Splits.ToTest) return new(test.WithoutSamples(), test);
        if (train is null)
            throw new DataException(directory, "holds no train-images-idx3-ubyte", "Put the four IDX files there, plain or with .gz");
        if (test is not null && (test.Height, test.Width) != (train.Height, train.Width))
            throw new DataException(directory,
                $"test images have {test.Height}x{test.Width} pixels, training images {train.Height}x{train.Width}",
                "Use two splits of the same data set");
        return new(train, test);
    }

    private static string[] List(string directory)
    {
        if (!Directory.Exists(directory))
            throw new DataException(directory, "is not a folder", "Name the folder that holds the IDX files");
        // Plain before compressed where both are there, and a defined choice where names differ in case only.
        return DataFile.Guard(directory, () => Directory.GetFiles(directory).Order(StringComparer.Ordinal).ToArray());
    }

    private static ImageDataset? ReadSplit(string directory, string[] files, string[] prefixes, IReadOnlyList<string> classes)
    {
        var images = Find(files, prefixes, "images", 3);
        var labels = Find(files, prefixes, "labels", 1);
        if (images is null && labels is null) return null;
        if (images is null || labels is null)
            throw new DataException(directory,
                $"holds {Path.GetFileName(images ?? labels)} without {prefixes[0]}-{(images is null ? "images-idx3" : "labels-idx1")}-ubyte",
                "Put both files there");
        var (count, height, width, pixels) = ReadImages(images);
        return new(count, 1, height, width, classes, pixels, ReadLabels(labels, images, count, classes));
    }

    private static string? Find(string[] files, string[] prefixes, string kind, int dimensions) => (
        from prefix in prefixes
        from separator in Separators
        from suffix in Suffixes
        let name = $"{prefix}-{kind}{separator}idx{dimensions}-ubyte{suffix}"
        from file in files
        where string.Equals(Path.GetFileName(file), name, StringComparison.OrdinalIgnoreCase)
        select file).FirstOrDefault();

    private static (int Count, int Height, int Width, byte[] Pixels) ReadImages(string path)
    {
        using var file = DataFile.Open(path);
        var header = Header(file, ImagesMagic, dimensions: 3, "images (idx3)");
        var (count, height, width) = (header[0], header[1], header[2]);
        var declared = $"{count} images of {height}x{width}";
        if (count == 0 || height == 0 || width == 0)
            throw new DataException(path, $"its header declares {declared}, which is no image at all", Fresh);
        var pixels = Content(file, 16, (UInt128)count * height * width, declared);
        return ((int)count, (int)height, (int)width, pixels);
    }

    private static long[] ReadLabels(string path, string imagesPath, int count, IReadOnlyList<string> classes)
    {
        using var file = DataFile.Open(path);
        var declared = Header(file, LabelsMagic, dimensions: 1, "labels (idx1)")[0];
        if (declared != count)
            throw new DataException(path, $"its header declares {declared} labels, but {Path.GetFileName(imagesPath)} has {count} images",
                "Use the two files of the same split");
        var bytes = Content(file, 8, declared, $"{declared} labels");
        var labels = new long[count];
        for (var i = 0; i < count; i++)
        {
            if (bytes[i] >= classes.Count)
                throw new DataException(path, $"label {bytes[i]} at index {i} is out of range, expected 0 to {classes.Count - 1}",
                    "Replace it by an undamaged copy; if there are other classes, name them in a file classes.txt beside it, one a line");
            labels[i] = bytes[i];
        }
        return labels;
    }

    /// <returns>The dimensions.</returns>
    private static uint[] Header(DataFile file, uint magic, int dimensions, string what)
    {
        var bytes = new byte[4 + 4 * dimensions];
        var read = file.Read(bytes);
        var found = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (read >= 4 && found != magic)
            throw new DataException(file.Path, $"magic number is 0x{found:x8}, expected 0x{magic:x8} for {what}",
                "Check that this is the right file, and that it is undamaged");
        if (read < bytes.Length)
            throw new DataException(file.Path, $"is cut off in its header: {read} of {bytes.Length} bytes", Fresh);
        return [.. Enumerable.Range(1, dimensions).Select(d => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 * d)))];
    }

    /// <summary>Reads what the header declares, no more is allocated than the file can hold.</summary>
    private static byte[] Content(DataFile file, int headerBytes, UInt128 bytes, string declared)
    {
        var plainMismatch = !file.Compressed && bytes + (UInt128)headerBytes != (UInt128)file.StoredLength;
        if (plainMismatch || bytes > (UInt128)file.MaxLength)
            throw new DataException(file.Path,
                $"its header declares {declared}, {bytes + (UInt128)headerBytes} bytes in all, but the file has {file.StoredLength}"
                + (file.Compressed ? " compressed bytes, too few for that" : ""), Fresh);
        var content = DataFile.Allocate(file.Path, (long)bytes);
        var read = file.Read(content);
        if (read < content.Length)
            throw new DataException(file.Path, $"is cut off: its header declares {declared}, {content.Length} bytes, but {read} follow", Fresh);
        file.ExpectEnd(declared);
        return content;
    }

    private static string[] Classes(string directory, string[] files)
    {
        var path = files.FirstOrDefault(f => Path.GetFileName(f) == "classes.txt");
        return path is null
            ? [.. Enumerable.Range(0, 10).Select(k => $"{k}")]
            : ClassNames.Read(path, MaxClasses);
    }
}
