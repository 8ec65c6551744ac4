namespace AiDc.Trainer.Data.Folders;

/// <summary>Reads a folder or a .tar of images, one folder a class, with all cores.</summary>
internal static class FolderReader
{
    /// <summary>Encoded images up to this many bytes stay in memory between looking at their heads and decoding them.</summary>
    private const long KeptBytes = 512L << 20;

    public static ImageData Read(string path, ImageReadOptions options, IProgress<ReadProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.ImageSize is < 1 or > 4096) throw new ConfigurationException($"--image-size {options.ImageSize}: give a number from 1 to 4096");
        if (options.Channels is not (null or 1 or 3)) throw new ConfigurationException($"channels {options.Channels}: give 1 or 3");
        if (File.Exists(path)) return ReadArchive(path, options, progress, cancellationToken);
        var tree = DirectorySource.List(path, cancellationToken);
        return tree.Files.Count == 0 && ArchiveIn(path) is { } archive
            ? ReadArchive(archive, options, progress, cancellationToken)
            : ReadTree(tree, options, progress, cancellationToken);
    }

    private static ImageData ReadArchive(string path, ImageReadOptions options, IProgress<ReadProgress>? progress, CancellationToken cancellationToken)
    {
        using var archive = ArchiveSource.Open(path);
        return ReadTree(archive.List(cancellationToken), options, progress, cancellationToken);
    }

    /// <summary>A volume can be a folder only, so the archive that alone lies in it is meant.</summary>
    private static string? ArchiveIn(string folder)
    {
        var found = DataFile.Guard(folder, () => Directory.GetFiles(folder)
            .Where(ArchiveSource.IsArchive)
            .Order(StringComparer.Ordinal).ToArray());
        return found.Length < 2 ? found.FirstOrDefault() : throw new DataException(
            folder, $"holds no images but {found.Length} archives ({Path.GetFileName(found[0])}, {Path.GetFileName(found[1])})", "Name the one to read");
    }

    private static ImageData ReadTree(FileTree tree, ImageReadOptions options, IProgress<ReadProgress>? progress, CancellationToken cancellationToken)
    {
        var layout = FolderLayout.Of(tree, options.Splits);
        if (options.MostLeftOut is { } most && tree.LeftOut.Count > most)
            throw new DataException(tree.Root, $"{tree.LeftOut.Count} files are left out, and at most {most} may be: {string.Join(" ", tree.LeftOut.Sentences).TrimEnd('.')}",
                "Convert or remove them, or allow more");
        LabelledFile[] all = [.. layout.Train, .. layout.Test ?? []];
        var work = new ParallelWork(options.Parallelism, progress, cancellationToken);

        var headers = new ImageHeader[all.Length];
        var contents = new byte[all.Length][];
        long kept = 0;
        work.Run("reading", all.Length, i =>
        {
            var content = all[i].File.Read();
            headers[i] = ImageDecoder.Header(all[i].File, content);
            if (Interlocked.Add(ref kept, content.Length) <= KeptBytes) contents[i] = content;
        });

        var shape = ImageShape.Choose(headers, options);
        var train = Allocate(tree.Root, layout.Train, layout.Classes, shape);
        var test = layout.Test is null ? null : Allocate(tree.Root, layout.Test, layout.Classes, shape);
        var budget = new MemoryBudget(options.DecodingBytes);
        work.Run("decoding", all.Length, i =>
        {
            var (data, at) = i < train.Count ? (train, i) : (test!, i - train.Count);
            var content = contents[i] ?? all[i].File.Read();
            contents[i] = [];
            using var held = budget.Take(ImageDecoder.MemoryFor(headers[i], shape.Channels));
            var image = ImageDecoder.Decode(all[i].File, content, shape.Channels);
            Letterbox.Fit(image, shape.Height, shape.Width, data.Pixels.AsSpan(at * data.ImageBytes, data.ImageBytes));
        });
        return new(train, test)
        {
            Notes = [.. tree.Notes, .. layout.Notes, .. tree.LeftOut.Sentences, .. shape.Note is { } note ? [note] : Array.Empty<string>()],
            LeftOut = tree.LeftOut.Count,
        };
    }

    private static ImageDataset Allocate(string root, IReadOnlyList<LabelledFile> files, IReadOnlyList<string> classes, ImageShape shape)
    {
        var bytes = (long)files.Count * shape.Channels * shape.Height * shape.Width;
        if (bytes > Array.MaxLength)
            throw new DataException(root, $"{files.Count} images of {shape.Height}x{shape.Width} need {bytes >> 20} MiB as pixels, and a split may have 2047 MiB",
                "Choose a smaller size with --image-size, or use fewer images");
        var pixels = DataFile.Allocate(root, bytes);
        return new(files.Count, shape.Channels, shape.Height, shape.Width, classes, pixels, [.. files.Select(file => (long)file.Label)]);
    }
}
