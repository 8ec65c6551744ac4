using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Models;
using static TorchSharp.torch;

namespace AiDc.Trainer.Evaluation;

/// <summary>An evaluation whose samples are shared out over the ranks: counts and losses are summed, so uneven shares weigh what they are.</summary>
internal static class GroupEvaluator
{
    /// <summary>Larger than in training: nothing has to be kept for a backward pass.</summary>
    private const int BatchSize = 256;

    /// <param name="indices">Positions in <paramref name="data"/> of all samples to evaluate.</param>
    /// <param name="cancellation">Looked at between two batches, by a group of one; more ranks have to end together.</param>
    /// <returns>The same on every rank.</returns>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static EvaluationResult Run(
        ImageClassifier model, ImageDataset data, IReadOnlyList<int> indices, Normalization normalization, RankGroup group, Device device, CancellationToken cancellation)
    {
        var (start, end) = BatchShare.Of(indices.Count, group.Rank, group.Size);
        var own = indices.Skip(start).Take(end - start).ToArray();
        using var loader = new BatchLoader(data, own, BatchSize, normalization, 0, shuffle: false);
        var (confusion, loss) = Evaluator.Sums(model, loader, data.Classes, device, () =>
        {
            if (group.Size == 1) cancellation.ThrowIfCancellationRequested();
            group.ThrowIfSuperseded();
        });
        return group.Size == 1 ? new(confusion, loss / confusion.Total) : Sum(confusion, loss, group, device);
    }

    private static EvaluationResult Sum(ConfusionMatrix own, double loss, RankGroup group, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var classes = own.Classes.Count;
        var values = new double[(classes * classes) + 1];
        for (var i = 0; i < classes * classes; i++) values[i] = own[i / classes, i % classes];
        values[^1] = loss;
        // Counts are exact in a double up to 2^53.
        var sums = tensor(values, float64).to(device);
        group.Sum(sums);
        var all = sums.cpu().data<double>().ToArray();
        var confusion = new ConfusionMatrix(own.Classes);
        for (var i = 0; i < classes * classes; i++) confusion.Add(i / classes, i % classes, (long)all[i]);
        return new(confusion, all[^1] / confusion.Total);
    }
}
