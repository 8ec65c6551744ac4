namespace AiDc.Trainer.Data;

/// <summary>How a data set lies on disk.</summary>
public enum DataFormat
{
    /// <summary>MNIST's IDX files, plain or gzipped: train-* and t10k-*.</summary>
    Idx,

    /// <summary>CIFAR-10's binary files: data_batch_*.bin and test_batch.bin.</summary>
    Cifar10,

    /// <summary>Images in one folder per class, below train/ and test/ or at the top; the same inside of a .tar.</summary>
    Folder,
}
