namespace AiDc.Api.V1Alpha1;

/// <summary>A model as it was found.</summary>
public sealed record ServedModelStatus
{
    /// <summary>Where it is.</summary>
    public string? Uri { get; init; }

    /// <summary>aidc, torchscript or onnx.</summary>
    public string? Format { get; init; }

    /// <summary>The training job whose result it is.</summary>
    public string? TrainingJob { get; init; }

    /// <summary>The uid of the training job whose result it is.</summary>
    public string? TrainingJobUid { get; init; }

    /// <summary>The Secret that it is read with.</summary>
    public string? Secret { get; init; }
}
