using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Models;
using AiDc.Trainer.Tensors;
using AiDc.Trainer.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace AiDc.Trainer.Training;

/// <summary>A run's model, optimizer and position: all that a step changes and a checkpoint holds, as one list of parts. Used by one thread.</summary>
public sealed class TrainingRun : IDisposable
{
    private readonly Optimizer _optimizer;
    private readonly CursorPart _cursor = new();
    private readonly BestEpochPart _best = new();
    private readonly IReadOnlyList<IStateful> _parts;
    private readonly Dictionary<string, Tensor> _weights;

    /// <summary>A new run: weights drawn from the seed.</summary>
    /// <param name="syncBatchNorm">Batch norm over the samples of all ranks.</param>
    /// <param name="bucketBytes">Gradients of about so many bytes are summed at a time.</param>
    public TrainingRun(RunIdentity identity, OptimizerOptions optimizer, Device device, bool syncBatchNorm = false, long bucketBytes = GradientBuckets.DefaultBytes)
    {
        Model = Draw(identity);
        Model.to(device);
        Model.train();
        _optimizer = Optimizer.Create(optimizer, [.. Model.named_parameters().Select(p => (p.name, (Tensor)p.parameter))]);
        _weights = Model.state_dict();
        Transaction = new(Model, _optimizer, device, identity.Seed, syncBatchNorm, bucketBytes);
        _parts = [new IdentityPart(identity), new TensorsPart("model", _weights), new TensorsPart("optimizer", _optimizer.State), _cursor, _best];
    }

    public ImageClassifier Model { get; }

    /// <summary>Steps done.</summary>
    public long Step => _cursor.Step;

    /// <summary>Epochs completed.</summary>
    public int Epoch => _cursor.Epoch;

    /// <summary>Batches done of the epoch under way.</summary>
    public int BatchInEpoch => _cursor.BatchInEpoch;

    public EpochSums Sums => _cursor.Sums;

    public EarlyStopping EarlyStopping => _best.Stopping;

    /// <summary>Of the last completed epoch.</summary>
    public IReadOnlyDictionary<string, double> Metrics => _cursor.Metrics;

    /// <summary>Weights of the best epoch; null unless they were asked to be kept.</summary>
    public IReadOnlyList<HostTensor>? Best => _best.Weights;

    /// <summary>Metrics of that epoch.</summary>
    public IReadOnlyDictionary<string, double>? BestMetrics => _best.Metrics;

    /// <summary>Which state this is, for the members of a gang to compare.</summary>
    public RunPosition Position => new(HasState, Generation, Replay, Step, Epoch);

    /// <summary>Whether the weights are those of <see cref="Step"/> and not just drawn.</summary>
    public bool HasState { get; private set; }

    /// <summary>The membership in which the state was last agreed on.</summary>
    public long Generation { get; private set; }

    /// <summary>How often that membership went back to a checkpoint.</summary>
    public int Replay { get; private set; }

    /// <summary>Of checkpoints written from now on: never below those that the state came from.</summary>
    public int CheckpointGeneration { get; set; }

    /// <summary>The members of a group have agreed that they hold the same state.</summary>
    public void Agree(long generation, int replay)
    {
        (HasState, Generation, Replay) = (true, generation, replay);
        CheckpointGeneration = Math.Max(CheckpointGeneration, checked((int)generation));
    }

    /// <summary>A step that is not committed yet.</summary>
    internal StepTransaction Transaction { get; }

    /// <summary>Carries out the step that was reduced.</summary>
    /// <param name="samples">Of the global batch.</param>
    internal void Commit(StepFigures figures, int samples, double learningRate, double? clipNorm)
    {
        Transaction.Commit(learningRate, clipNorm);
        _cursor.Stepped(Sums.Add(figures.Loss, figures.Correct, samples));
    }

    /// <summary>The epoch's batches are done.</summary>
    /// <param name="validationLoss">Null without validation.</param>
    /// <param name="stopping">Null without early stopping.</param>
    public void CompleteEpoch(IReadOnlyDictionary<string, double> metrics, double? validationLoss, EarlyStoppingOptions? stopping)
    {
        // JSON, and whoever reads it, has no word for what is no number.
        metrics = new SortedDictionary<string, double>(metrics.Where(m => double.IsFinite(m.Value)).ToDictionary(), StringComparer.Ordinal);
        _cursor.EpochCompleted(metrics);
        if (stopping is not null && validationLoss is { } loss) _best.EpochCompleted(EarlyStopping.After(Epoch, loss, stopping.MinDelta), metrics, CopyWeights);
    }

    public Checkpoint Snapshot()
    {
        var checkpoint = new Checkpoint(Step);
        foreach (var part in _parts) part.Save(checkpoint);
        return checkpoint;
    }

    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="ConfigurationException">It is of a run that differs in what must not differ.</exception>
    /// <exception cref="InvalidFileException">It does not fit.</exception>
    public void Restore(Checkpoint checkpoint, string path)
    {
        foreach (var part in _parts) part.Load(checkpoint, path);
    }

    public IReadOnlyList<HostTensor> CopyWeights() => NamedTensors.Copy(_weights);

    public void LoadWeights(IReadOnlyList<HostTensor> weights, string path) => NamedTensors.Load(_weights, weights, path);

    public void Dispose()
    {
        Transaction.Dispose();
        _optimizer.Dispose();
        Model.Dispose();
        _weights.Clear();
    }

    private static ImageClassifier Draw(RunIdentity identity)
    {
        lock (TorchRuntime.Generator)
        {
            random.manual_seed(unchecked((long)identity.Seed));
            return ModelCatalog.Create(identity.Model);
        }
    }
}
