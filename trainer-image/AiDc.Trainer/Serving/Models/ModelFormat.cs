namespace AiDc.Trainer.Serving.Models;

/// <summary>What a model is stored as.</summary>
public enum ModelFormat
{
    /// <summary>A result of <c>aidc-trainer train</c>: model.json and the weights that it names.</summary>
    Aidc,

    /// <summary>A file that torch.jit.save wrote.</summary>
    TorchScript,

    /// <summary>An ONNX file.</summary>
    Onnx,
}
