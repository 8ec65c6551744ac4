using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Data;
using AiDc.Trainer.Models;
using AiDc.Trainer.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AiDc.Trainer.Training;

/// <summary>A run's model, optimizer and position: all that a step changes and a checkpoint holds. Used by one thread.</summary>
public sealed class TrainingRun : IDisposable
{
    private readonly RunIdentity _identity;
    private readonly Device _device;
    private readonly Optimizer _optimizer;
    private readonly Dictionary<string, Tensor> _weights;

    /// <summary>A new run: weights drawn from the seed.</summary>
    public TrainingRun(RunIdentity identity, OptimizerOptions optimizer, Device device)
    {
        _identity = identity;
        _device = device;
        random.manual_seed(unchecked((long)identity.Seed));
        Model = ModelCatalog.Create(identity.Model);
        Model.to(device);
        Model.train();
        _optimizer = Optimizer.Create(optimizer, [.. Model.named_parameters().Select(p => (p.name, (Tensor)p.parameter))]);
        _weights = Model.state_dict();
    }

    public ImageClassifier Model { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Epochs completed.</summary>
    public int Epoch { get; private set; }

    /// <summary>Batches done of the epoch under way.</summary>
    public int BatchInEpoch { get; private set; }

    public EpochSums Sums { get; private set; } = new();

    public EarlyStopping EarlyStopping { get; private set; } = new();

    /// <summary>Of the last completed epoch.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; private set; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Weights of the best epoch; null unless they were asked to be kept.</summary>
    public IReadOnlyList<HostTensor>? Best { get; private set; }

    /// <summary>Metrics of that epoch.</summary>
    public IReadOnlyDictionary<string, double>? BestMetrics { get; private set; }

    /// <summary>One optimizer step.</summary>
    /// <returns>The batch's mean loss.</returns>
    /// <exception cref="ConfigurationException">The loss is not a number any more; nothing was changed.</exception>
    public double Train(Batch batch, double learningRate)
    {
        using var scope = NewDisposeScope();
        var inputs = batch.Inputs.to(_device);
        var labels = batch.Labels.to(_device);
        var logits = Model.call(inputs);
        var loss = functional.cross_entropy(logits, labels);
        var value = loss.item<float>();
        if (!float.IsFinite(value))
        {
            throw new ConfigurationException(
                $"the loss became {value} at step {Step + 1}: training diverged. Use a lower --learning-rate (now {learningRate}), or warm up with --warmup-steps");
        }

        loss.backward();
        _optimizer.Step(learningRate);
        Model.zero_grad();
        var correct = logits.detach().argmax(1).eq(labels).sum().item<long>();
        Sums = Sums.Add(value, correct, batch.Indices.Length);
        Step++;
        BatchInEpoch++;
        return value;
    }

    /// <summary>The epoch's batches are done.</summary>
    /// <param name="validationLoss">Null without validation.</param>
    /// <param name="stopping">Null without early stopping.</param>
    public void CompleteEpoch(IReadOnlyDictionary<string, double> metrics, double? validationLoss, EarlyStoppingOptions? stopping)
    {
        Metrics = metrics;
        Epoch++;
        BatchInEpoch = 0;
        Sums = new();
        if (stopping is null || validationLoss is not { } loss) return;
        EarlyStopping = EarlyStopping.After(Epoch, loss, stopping.MinDelta);
        if (EarlyStopping.Improved) (Best, BestMetrics) = (CopyWeights(), metrics);
    }

    public Checkpoint Snapshot()
    {
        using var rng = get_rng_state();
        var state = new TrainingState(_identity, Step, Epoch, BatchInEpoch, rng.bytes.ToArray(), Sums, EarlyStopping, Metrics, BestMetrics);
        return new(state, CopyWeights(), NamedTensors.Copy(_optimizer.State), Best);
    }

    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="ConfigurationException">It is of a run that differs in what must not differ.</exception>
    /// <exception cref="InvalidFileException">Its tensors do not fit.</exception>
    public void Restore(Checkpoint checkpoint, string path)
    {
        var state = checkpoint.State;
        if (state.Run.DifferenceFrom(_identity) is { } difference)
        {
            throw new ConfigurationException(
                $"{path}: this checkpoint is of a run with {difference}. Use an empty --checkpoint-dir for a new run, or the options of the run before");
        }

        LoadWeights(checkpoint.Model, path);
        NamedTensors.Load(_optimizer.State, checkpoint.Optimizer, path);
        RestoreGenerator(state.Rng, path);
        (Step, Epoch, BatchInEpoch) = (state.Step, state.Epoch, state.BatchInEpoch);
        (Sums, EarlyStopping, Metrics) = (state.EpochSums, state.EarlyStopping, state.Metrics);
        (Best, BestMetrics) = (checkpoint.Best, state.BestMetrics);
    }

    public IReadOnlyList<HostTensor> CopyWeights() => NamedTensors.Copy(_weights);

    public void LoadWeights(IReadOnlyList<HostTensor> weights, string path) => NamedTensors.Load(_weights, weights, path);

    public void Dispose()
    {
        _optimizer.Dispose();
        Model.Dispose();
        _weights.Clear();
    }

    private static void RestoreGenerator(byte[] state, string path)
    {
        using var now = get_rng_state();
        // A state of the wrong size would end the process within libtorch.
        if (state.Length != now.numel()) throw new InvalidFileException(path, $"its random state has {state.Length} bytes instead of {now.numel()}");
        using var target = zeros(state.Length, ScalarType.Byte);
        state.CopyTo(target.bytes);
        set_rng_state(target);
    }
}
