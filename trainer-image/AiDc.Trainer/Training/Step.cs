using System.Globalization;
using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Distributed.Ledger;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Models;
using AiDc.Trainer.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch.nn;
using static TorchSharp.torch;

namespace AiDc.Trainer.Training;

/// <summary>Carries out steps: reads this rank's share of each global batch, computes, reduces and commits, or rolls back.</summary>
/// <param name="ledger">Null: nothing is written down.</param>
internal sealed class StepRunner(TrainingOptions options, BatchLoader loader, LedgerWriter? ledger, TrainingMeter meter, TimeProvider time)
{
    public long StepsPerEpoch => loader.BatchesPerEpoch;

    /// <summary>Starts to read the rest of the run's epoch, this rank's part of it.</summary>
    public Pass Begin(TrainingRun run, RankGroup group) => new(this, run, group);

    /// <summary>What is left of an epoch, step by step. Used by one thread; the run's position tells which step is next.</summary>
    internal sealed class Pass : IDisposable
    {
        private readonly StepRunner _runner;
        private readonly TrainingRun _run;
        private readonly RankGroup _group;
        private readonly BatchShare _share;
        private readonly IEnumerator<Batch> _batches;
        private readonly List<int> _read = [];
        private TimeSpan _waited;
        private TimeSpan _collectives;
        private long _bytes;

        public Pass(StepRunner runner, TrainingRun run, RankGroup group)
        {
            (_runner, _run, _group) = (runner, run, group);
            _share = new(group.Rank, group.Size, runner.Loader.MicroBatchSize);
            _batches = runner.Loader.Epoch(run.Epoch, run.BatchInEpoch, _share).GetEnumerator();
            (_waited, _collectives, _bytes) = (runner.Loader.WaitTime, group.CollectiveTime, group.BytesReduced);
        }

        /// <param name="stopping">Whether this rank was asked to end.</param>
        /// <param name="poisoned">Whether this rank has found values in its state that are not finite.</param>
        /// <exception cref="NotFiniteException">The loss, the gradient or the state is not finite; nothing was changed, on every rank alike.</exception>
        public StepFigures Step(double learningRate, bool stopping, bool poisoned = false)
        {
            var samples = _runner.Loader.SamplesOf(_run.BatchInEpoch);
            var step = _run.Step;
            var figures = Transact(samples, learningRate, stopping, poisoned);
            _runner.Ledger?.Append(new LedgerCommit(_group.Generation, _run.Replay, step, figures.Loss, _runner.Now.ToUnixTimeMilliseconds()));
            var (waited, collectives) = (_runner.Loader.WaitTime, _group.CollectiveTime);
            _runner.Meter.AfterStep(samples, figures.Loss, waited - _waited, torch.Tensor.TotalCount);
            _runner.Meter.AfterCollectives(collectives - _collectives, _group.Size, _group.BytesReduced - _bytes);
            (_waited, _collectives, _bytes) = (waited, collectives, _group.BytesReduced);
            return figures;
        }

        public void Dispose() => _batches.Dispose();

        private StepFigures Transact(int samples, double learningRate, bool stopping, bool poisoned)
        {
            _group.Enter();
            var transaction = _run.Transaction;
            try
            {
                transaction.Begin(_run.Step, _group);
                Compute(transaction, samples);
                _runner.Ledger?.Append(new LedgerEntry(_group.Generation, _run.Replay, _run.Step, _run.Epoch, _group.Rank, _read));
                var figures = transaction.Reduce(_group, stopping, poisoned);
                if (figures.NotFinite is { } what) throw new NotFiniteException(_run.Step + 1, what);
                _run.Commit(figures, samples, learningRate, _runner.Options.ClipNorm);
                return figures;
            }
            catch
            {
                transaction.Rollback();
                throw;
            }
        }

        private void Compute(StepTransaction transaction, int samples)
        {
            _read.Clear();
            var rounds = _share.Rounds(samples);
            for (var round = 0; round < rounds; round++)
            {
                _group.ThrowIfSuperseded();
                var (start, end) = _share.Slice(samples, round);
                var batch = start < end ? Next() : null;
                if (batch is not null) _read.AddRange(batch.Indices);
                transaction.Add(batch, _share.InRound(samples, round), samples, _group, last: round == rounds - 1);
            }
        }

        private Batch Next() => _batches.MoveNext() ? _batches.Current : throw new InvalidOperationException("the loader ended before the epoch");
    }

    private TrainingOptions Options => options;

    private BatchLoader Loader => loader;

    private LedgerWriter? Ledger => ledger;

    private TrainingMeter Meter => meter;

    private DateTimeOffset Now => time.GetUtcNow();
}

/// <summary>
/// One optimizer step as a transaction: until it is committed, no parameter, optimizer state or running statistic has changed, and giving
/// it up leaves nothing behind. The order is Begin, Add (once a round), Reduce, then Commit or Rollback; Rollback may come at any point.
/// </summary>
internal sealed class StepTransaction : IDisposable
{
    private const int Loss = 0;
    private const int Correct = 1;
    private const int Stopping = 2;
    private const int Poisoned = 3;
    private const int Figures = 4;

    private readonly ImageClassifier _model;
    private readonly Optimizer _optimizer;
    private readonly Device _device;
    private readonly ulong _seed;
    private readonly RunningStatistics _statistics;
    private readonly GradientBuckets _gradients;
    private readonly SharedStatistics? _shared;
    private (RankGroup Group, BucketReducer Reducer)? _early;

    /// <param name="syncBatchNorm">Batch norm over the batch of all ranks instead of each rank's own.</param>
    public StepTransaction(
        ImageClassifier model, Optimizer optimizer, Device device, ulong seed, bool syncBatchNorm, long bucketBytes = GradientBuckets.DefaultBytes)
    {
        (_model, _optimizer, _device, _seed) = (model, optimizer, device, seed);
        _statistics = new(model.named_buffers().Select(b => (b.name, b.buffer)));
        _gradients = new([.. model.named_parameters().Select(p => (Tensor)p.parameter)], Figures + _statistics.Values, bucketBytes);
        if (syncBatchNorm) _model.Statistics = _shared = new SharedStatistics();
    }

    /// <param name="step">Steps done before this one.</param>
    public void Begin(long step, RankGroup group)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _gradients.Zero();
        Reducer(group)?.Begin();
        _statistics.Save();
        // What dropout draws is a function of (seed, step, rank), so a step that is done again draws the same.
        lock (TorchRuntime.Generator) random.manual_seed(unchecked((long)SplitMix64.Combine(SplitMix64.Combine(_seed, (ulong)step), (ulong)group.Rank)));
    }

    /// <summary>Forward and backward pass of one round.</summary>
    /// <param name="batch">Null when this rank has no sample in it.</param>
    /// <param name="roundSamples">Of all ranks in this round.</param>
    /// <param name="stepSamples">Of the whole global batch.</param>
    /// <param name="last">The step's last round: sums begin while backward still runs.</param>
    public void Add(Batch? batch, int roundSamples, int stepSamples, RankGroup group, bool last)
    {
        // Ranks without samples have nothing to compute, but statistics over all ranks need them in the collectives.
        if (batch is null && _shared is null) return;
        using var scope = NewDisposeScope();
        _shared?.Begin(group, roundSamples);
        var inputs = batch?.Inputs.to(_device) ?? zeros([0, _model.Spec.Channels, _model.Spec.Height, _model.Spec.Width], float32, _device);
        var labels = batch?.Labels.to(_device) ?? zeros([0], int64, _device);
        _model.BackwardReached = last && Reducer(group) is { } reducer ? parameter => Ready(reducer, parameter) : null;
        var logits = _model.call(inputs);
        // Held until the end: TorchSharp does not keep a number alive while native code reads it.
        using TorchSharp.Scalar samples = stepSamples;
        var loss = functional.cross_entropy(logits, labels, reduction: Reduction.Sum).div(samples);
        loss.backward();
        _shared?.End();
        using var noGrad = no_grad();
        var tail = _gradients.Tail;
        tail.narrow(0, Loss, 1).add_(loss.detach());
        tail.narrow(0, Correct, 1).add_(logits.detach().argmax(1).eq(labels).sum().to(float32));
        _statistics.Take(tail.narrow(0, Figures, _statistics.Values), (double)(batch?.Indices.Length ?? 0) / stepSamples);
    }

    /// <summary>Sums over the ranks. Once it returns, the step may be committed, whatever becomes of the group.</summary>
    /// <param name="stopping">Whether this rank was asked to end.</param>
    /// <param name="poisoned">Whether this rank has found values in its state that are not finite.</param>
    public StepFigures Reduce(RankGroup group, bool stopping, bool poisoned = false)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using TorchSharp.Scalar one = 1;
        if (stopping) _gradients.Tail.narrow(0, Stopping, 1).fill_(one);
        if (poisoned) _gradients.Tail.narrow(0, Poisoned, 1).fill_(one);
        if (Reducer(group) is { } reducer) reducer.Wait();
        else foreach (var bucket in _gradients.Flat) group.Sum(bucket);
        // Every rank has the same bits by now and looks at each of them, so all come to the same answer without asking one another.
        var figures = cat([_gradients.Tail.narrow(0, 0, Figures), .. _gradients.Extremes()]).cpu().data<float>().ToArray();
        return new(figures[Loss], (long)figures[Correct], (int)figures[Stopping])
        {
            IsFinite = figures.Skip(Figures).All(float.IsFinite), IsPoisoned = figures[Poisoned] > 0,
        };
    }

    /// <param name="clipNorm">Largest norm of the gradient; null for any.</param>
    public void Commit(double learningRate, double? clipNorm)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (clipNorm is { } limit) _gradients.Clip(limit);
        _optimizer.Step(learningRate);
        _statistics.Set(_gradients.Tail.narrow(0, Figures, _statistics.Values));
    }

    public void Rollback()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _shared?.Abandon();
        // It may be in the middle of the step that is given up.
        _early?.Reducer.Dispose();
        _early = null;
        _statistics.Restore();
    }

    public void Dispose()
    {
        (_model.Statistics, _model.BackwardReached) = (null, null);
        _early?.Reducer.Dispose();
        _statistics.Dispose();
        _gradients.Dispose();
    }

    /// <summary>
    /// Null where nothing is gained: with one bucket, whose figures are known at the end only; alone; and with statistics over all ranks,
    /// whose own collectives in backward would come between.
    /// </summary>
    private BucketReducer? Reducer(RankGroup group)
    {
        if (_gradients.Flat.Count == 1 || group.Size == 1 || _shared is not null) return null;
        if (_early is { } early && early.Group == group) return early.Reducer;
        _early?.Reducer.Dispose();
        _early = (group, new BucketReducer(group.Sum, _gradients.Flat));
        return _early.Value.Reducer;
    }

    private void Ready(BucketReducer reducer, int parameter)
    {
        for (var bucket = 0; bucket < _gradients.WholeFrom(parameter); bucket++) reducer.Ready(bucket);
    }
}

/// <summary>What a reduced step says, the same on every rank.</summary>
/// <param name="Loss">Mean over the global batch.</param>
/// <param name="Correct">Samples of it whose class was found.</param>
/// <param name="Stopping">Ranks that were asked to end.</param>
internal sealed record StepFigures(double Loss, long Correct, int Stopping)
{
    /// <summary>Whether all gradients and statistics are finite numbers.</summary>
    public bool IsFinite { get; init; } = true;

    /// <summary>Whether a rank has found values in its state that are not finite.</summary>
    public bool IsPoisoned { get; init; }

    /// <summary>What is not finite; null when all is.</summary>
    public string? NotFinite => !double.IsFinite(Loss) ? string.Create(CultureInfo.InvariantCulture, $"the loss became {Loss}")
        : !IsFinite ? "the gradient became infinite or not a number"
        : IsPoisoned ? "the state became infinite or not a number"
        : null;
}
