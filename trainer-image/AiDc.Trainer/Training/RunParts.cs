using System.Text.Json.Serialization;
using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Tensors;
using static TorchSharp.torch;

namespace AiDc.Trainer.Training;

/// <summary>Running sums over the samples of an epoch.</summary>
/// <param name="Loss">Sum of the samples' losses.</param>
/// <param name="Correct">Samples whose class was found.</param>
public sealed record EpochSums(double Loss = 0, long Correct = 0, long Samples = 0)
{
    [JsonIgnore]
    public double MeanLoss => Loss / Samples;

    [JsonIgnore]
    public double Accuracy => (double)Correct / Samples;

    public EpochSums Add(double meanLoss, long correct, long samples) => new(Loss + meanLoss * samples, Correct + correct, Samples + samples);
}

/// <summary>Whose state it is. First in the list: what is another run's is refused before anything has changed.</summary>
internal sealed class IdentityPart(RunIdentity identity) : IStateful
{
    private const string Name = "run";

    public void Save(Checkpoint to) => to.Put(Name, identity);

    public void Load(Checkpoint from, string path)
    {
        if (from.Get<RunIdentity>(Name, path).DifferenceFrom(identity) is { } difference)
        {
            throw new ConfigurationException(
                $"{path}: this checkpoint is of a run with {difference}. Use an empty --checkpoint-dir for a new run, or the options of the run before");
        }
    }
}

/// <summary>A set of tensors that the run holds for its whole life.</summary>
internal sealed class TensorsPart(string name, IReadOnlyDictionary<string, Tensor> tensors) : IStateful
{
    public void Save(Checkpoint to) => to.PutTensors(name, NamedTensors.Copy(tensors));

    public void Load(Checkpoint from, string path) => NamedTensors.Load(tensors, from.GetTensors(name, path), path);
}

/// <summary>How far the run is.</summary>
internal sealed class CursorPart : IStateful
{
    /// <summary>Optimizer steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Epochs completed; the one under way has this index.</summary>
    public int Epoch { get; private set; }

    /// <summary>Batches of that epoch done.</summary>
    public int BatchInEpoch { get; private set; }

    /// <summary>Of those batches.</summary>
    public EpochSums Sums { get; private set; } = new();

    /// <summary>Of the last completed epoch.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; private set; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    public void Stepped(EpochSums sums)
    {
        Sums = sums;
        Step++;
        BatchInEpoch++;
    }

    public void EpochCompleted(IReadOnlyDictionary<string, double> metrics)
    {
        Metrics = metrics;
        Epoch++;
        BatchInEpoch = 0;
        Sums = new();
    }

    public void Save(Checkpoint to)
    {
        to.Put("step", Step);
        to.Put("epoch", Epoch);
        to.Put("batchInEpoch", BatchInEpoch);
        to.Put("epochSums", Sums);
        to.Put("metrics", Metrics);
    }

    public void Load(Checkpoint from, string path)
    {
        (Step, Epoch, BatchInEpoch) = (from.Get<long>("step", path), from.Get<int>("epoch", path), from.Get<int>("batchInEpoch", path));
        Sums = from.Get<EpochSums>("epochSums", path);
        Metrics = from.Get<SortedDictionary<string, double>>("metrics", path);
    }
}

/// <summary>The best epoch so far, with its weights, where early stopping asks for it.</summary>
internal sealed class BestEpochPart : IStateful
{
    private const string Set = "best";

    public EarlyStopping Stopping { get; private set; } = new();

    /// <summary>Null unless early stopping keeps them.</summary>
    public IReadOnlyList<HostTensor>? Weights { get; private set; }

    public IReadOnlyDictionary<string, double>? Metrics { get; private set; }

    /// <param name="weights">Asked for when it is the best so far.</param>
    public void EpochCompleted(EarlyStopping stopping, IReadOnlyDictionary<string, double> metrics, Func<IReadOnlyList<HostTensor>> weights)
    {
        Stopping = stopping;
        if (stopping.Improved) (Weights, Metrics) = (weights(), metrics);
    }

    public void Save(Checkpoint to)
    {
        to.Put("earlyStopping", Stopping);
        if (Metrics is not null) to.Put("bestMetrics", Metrics);
        if (Weights is not null) to.PutTensors(Set, Weights);
    }

    public void Load(Checkpoint from, string path)
    {
        Stopping = from.Get<EarlyStopping>("earlyStopping", path);
        Metrics = from.Find<SortedDictionary<string, double>>("bestMetrics", path);
        Weights = from.Tensors.GetValueOrDefault(Set);
    }
}
