namespace AiDc.Trainer.Serving.Models;

/// <summary>What a loaded model is, as the protocol's metadata of a model tells it.</summary>
/// <param name="Name">By which requests call it.</param>
/// <param name="Versions">At least one.</param>
/// <param name="Platform">Such as <c>aidc_torch</c>, <c>pytorch_torchscript</c> or <c>onnxruntime_onnx</c>.</param>
/// <param name="Inputs">In the order that the model takes them.</param>
/// <param name="Outputs">In the order that the model gives them; empty where the model does not say before it has run.</param>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs)
{
    /// <summary>What the values of the last dimension of the first output stand for, in their order; null where that is not known.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>
    /// Whether requests may be joined on the first dimension, and the outputs taken apart again there. Not where an input's first
    /// dimension is fixed, or an output's does not count samples: each request is then computed by itself.
    /// </summary>
    public bool Batches { get; init; } = true;
}
