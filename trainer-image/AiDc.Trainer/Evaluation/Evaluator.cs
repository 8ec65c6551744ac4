using System.Runtime.InteropServices;
using AiDc.Trainer.Data;
using AiDc.Trainer.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AiDc.Trainer.Evaluation;

/// <summary>Runs a model over samples with dropout off and batch norm at its running statistics.</summary>
public static class Evaluator
{
    /// <param name="cancellation">Looked at between two batches.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static EvaluationResult Run(
        ImageClassifier model, BatchLoader loader, IReadOnlyList<string> classes, Device device, CancellationToken cancellation = default)
    {
        var (confusion, loss) = Sums(model, loader, classes, device, cancellation.ThrowIfCancellationRequested);
        return new(confusion, loss / confusion.Total);
    }

    /// <param name="beforeBatch">Called before each batch; may throw.</param>
    /// <returns>The sum of the samples' losses beside the counts.</returns>
    internal static (ConfusionMatrix Confusion, double Loss) Sums(
        ImageClassifier model, BatchLoader loader, IReadOnlyList<string> classes, Device device, Action beforeBatch)
    {
        var confusion = new ConfusionMatrix(classes);
        var loss = 0.0;
        var training = model.training;
        model.eval();
        using var noGrad = no_grad();
        try
        {
            foreach (var batch in loader.Epoch(0, 0))
            {
                beforeBatch();
                loss += Add(confusion, model, batch, device);
            }
        }
        finally
        {
            model.train(training);
        }

        return (confusion, loss);
    }

    private static double Add(ConfusionMatrix confusion, ImageClassifier model, Batch batch, Device device)
    {
        using var scope = NewDisposeScope();
        var logits = model.call(batch.Inputs.to(device));
        var labels = batch.Labels.to(device);
        var loss = functional.cross_entropy(logits, labels, reduction: Reduction.Sum).item<float>();
        var predicted = MemoryMarshal.Cast<byte, long>(logits.argmax(1).cpu().bytes);
        var actual = MemoryMarshal.Cast<byte, long>(batch.Labels.bytes);
        for (var i = 0; i < actual.Length; i++) confusion.Add((int)actual[i], (int)predicted[i]);
        return loss;
    }
}
