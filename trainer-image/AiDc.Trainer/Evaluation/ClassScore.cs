namespace AiDc.Trainer.Evaluation;

/// <param name="Precision">Of the samples taken for this class, the share that are of it.</param>
/// <param name="Recall">Of the samples of this class, the share that was found.</param>
/// <param name="F1">Harmonic mean of the two.</param>
/// <param name="Support">Samples of this class.</param>
public sealed record ClassScore(string Class, double Precision, double Recall, double F1, long Support);
