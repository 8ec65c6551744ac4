namespace AiDc.Trainer.Training;

/// <param name="LearningRate">Before the schedule; above 0.</param>
/// <param name="Momentum">SGD only, in [0, 1).</param>
/// <param name="WeightDecay">At least 0: an L2 term of the gradient for adam and sgd, decoupled for adamw.</param>
public sealed record OptimizerOptions(OptimizerKind Kind, double LearningRate, double Momentum, double WeightDecay);
