using System.Diagnostics.CodeAnalysis;

namespace AiDc.Trainer.Serving.Models;

/// <summary>The types of the Open Inference Protocol v2 (https://github.com/kserve/open-inference-protocol), and BF16, which Triton and KServe add.</summary>
[SuppressMessage("Naming", "CA1720:Identifiers should not contain type names", Justification = "The protocol's names.")]
public enum Datatype
{
    Bool,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Fp32,
    Fp64,
    Bf16,

    /// <summary>Strings of bytes: each is its length as a little-endian uint32, then that many bytes.</summary>
    Bytes,
}
