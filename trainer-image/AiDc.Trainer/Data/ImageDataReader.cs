using AiDc.Trainer.Data.Folders;

namespace AiDc.Trainer.Data;

/// <summary>Reads a data folder of any supported format into memory.</summary>
public static class ImageDataReader
{
    /// <param name="path">The data folder; for <see cref="DataFormat.Folder"/> also a .tar, .tar.gz or .tgz file.</param>
    /// <param name="progress">Told of the work done where reading can take seconds.</param>
    /// <exception cref="DataException">The data are missing, damaged, contradictory or too large.</exception>
    public static ImageData Read(
        string path, DataFormat format, ImageReadOptions options,
        IProgress<ReadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (!Path.Exists(path))
            throw new DataException(path, "there is no such file or folder", "Name the folder that holds the data");
        return format switch
        {
            DataFormat.Idx => IdxReader.Read(path, options.Splits),
            DataFormat.Cifar10 => Cifar10Reader.Read(path, options.Splits),
            DataFormat.Folder => FolderReader.Read(path, options, progress, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "unknown data format"),
        };
    }
}
