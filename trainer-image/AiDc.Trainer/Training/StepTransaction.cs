using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Models;
using AiDc.Trainer.Training.Optimizers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AiDc.Trainer.Training;

/// <summary>
/// One optimizer step as a transaction: until it is committed, no parameter, optimizer state or running statistic has changed, and giving
/// it up leaves nothing behind. The order is Begin, Add (once a round), Reduce, then Commit or Rollback; Rollback may come at any point.
/// </summary>
internal sealed class StepTransaction : IDisposable
{
    private const int Loss = 0;
    private const int Correct = 1;
    private const int Stopping = 2;
    private const int Figures = 3;

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
    public StepFigures Reduce(RankGroup group, bool stopping)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using TorchSharp.Scalar one = 1;
        if (stopping) _gradients.Tail.narrow(0, Stopping, 1).fill_(one);
        if (Reducer(group) is { } reducer) reducer.Wait();
        else foreach (var bucket in _gradients.Flat) group.Sum(bucket);
        var figures = _gradients.Tail.narrow(0, 0, Figures).cpu().data<float>().ToArray();
        return new(figures[Loss], (long)figures[Correct], (int)figures[Stopping]);
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
