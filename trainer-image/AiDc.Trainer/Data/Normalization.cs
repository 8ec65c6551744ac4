namespace AiDc.Trainer.Data;

/// <summary>Mean and standard deviation of x/255, one value a channel, taken from the training split and recorded with the model.</summary>
public sealed record Normalization(float[] Mean, float[] Std);
