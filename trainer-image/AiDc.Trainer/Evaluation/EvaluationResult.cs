namespace AiDc.Trainer.Evaluation;

/// <param name="MeanLoss">Cross entropy, the mean over the samples.</param>
public sealed record EvaluationResult(ConfusionMatrix Confusion, double MeanLoss)
{
    public double Accuracy => Confusion.Accuracy;
}
