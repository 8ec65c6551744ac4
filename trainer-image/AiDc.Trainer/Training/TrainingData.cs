using AiDc.Trainer.Data;

namespace AiDc.Trainer.Training;

/// <summary>The data of a run: which samples are trained on and which are validated on.</summary>
/// <param name="TrainIndices">Positions in the training split.</param>
/// <param name="ValidationIndices">The ones held back; may be empty.</param>
public sealed record TrainingData(ImageData Images, Normalization Normalization, int[] TrainIndices, int[] ValidationIndices)
{
    /// <summary>Tells these data from others.</summary>
    public string Fingerprint { get; } = DataFingerprint.Of(Images);

    /// <exception cref="DataException">The data cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static TrainingData Read(TrainingOptions options, TrainerServices services, IProgress<ReadProgress> progress, CancellationToken cancellation)
    {
        var scratch = Path.Combine(Path.GetTempPath(), $"aidc-data-{services.NewUid()}");
        using var files = DataDownload.Fetch(options.Data, services.Storage, scratch, progress, cancellation);
        try
        {
            return From(ImageDataReader.Read(files.Path, options.Format, new ImageReadOptions { ImageSize = options.ImageSize, MostLeftOut = options.MostLeftOut }, progress, cancellation), options);
        }
        catch (DataException error) when (files.Path != options.Data)
        {
            throw files.Rename(error);
        }
    }

    public static TrainingData From(ImageData images, TrainingOptions options)
    {
        var (train, validation) = DataSplit.Split(images.Train.Labels, options.ValidationSplit, options.Seed);
        if (train.Length == 0) throw new DataException(options.Data, "there is no sample to train on", "Use more data or a smaller --validation-split");
        if (options.ValidationSplit > 0 && validation.Length == 0)
            throw new DataException(options.Data, $"{images.Train.Count} samples are too few to hold back {options.ValidationSplit:P0} of them", "Use more data or no --validation-split");
        return new(images, Normalization.Of(images.Train, train), train, validation);
    }

    public BatchLoader TrainLoader(TrainingOptions options, TimeProvider time) =>
        new(Images.Train, TrainIndices, options.BatchSize, Normalization, options.Seed, shuffle: true, clock: time, microBatchSize: options.MicroBatchSize);
}
