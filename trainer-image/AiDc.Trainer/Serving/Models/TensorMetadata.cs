namespace AiDc.Trainer.Serving.Models;

/// <summary>What a model says of an input or an output.</summary>
/// <param name="Shape">-1 where any size will do; the first dimension counts the samples of a batch. Empty: the model does not say.</param>
public sealed record TensorMetadata(string Name, Datatype Datatype, IReadOnlyList<long> Shape);
