using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>An input of a model.</summary>
public sealed record TensorSpec
{
    /// <summary>Its name in the protocol.</summary>
    [Required, MaxLength(128)]
    public string Name { get; init; } = "";

    /// <summary>The type of its elements, as the Open Inference Protocol writes it.</summary>
    [AllowedValues("BOOL", "UINT8", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32", "FP64")]
    public string Datatype { get; init; } = "FP32";

    /// <summary>Its shape, the batch first; -1 for a dimension of any size.</summary>
    [Required, MinLength(1), MaxLength(16), ItemRange(-1, int.MaxValue)]
    public IReadOnlyList<int> Shape { get; init; } = [];
}
