using static TorchSharp.torch;

namespace AiDc.Trainer.Tensors;

/// <summary>
/// Constants of the safetensors format (https://huggingface.co/docs/safetensors): a little-endian 64-bit header length, a JSON header
/// {name: {dtype, shape, data_offsets}}, the raw data. Offsets count from the end of the header.
/// </summary>
internal static class Safetensors
{
    public const string MetadataKey = "__metadata__";

    /// <summary>The limit of the reference implementation: a larger header is an attack or a mistake.</summary>
    public const long MaximumHeaderBytes = 100_000_000;

    private static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static string NameOf(ScalarType type) =>
        Array.Find(Types, t => t.Type == type).Name ?? throw new NotSupportedException($"safetensors has no name for {type}");

    /// <returns>Null for a type that is not in the format or not in torch.</returns>
    public static (ScalarType Type, int Bytes)? Find(string name)
    {
        var found = Array.Find(Types, t => t.Name == name);
        return found.Name is null ? null : (found.Type, found.Bytes);
    }
}
