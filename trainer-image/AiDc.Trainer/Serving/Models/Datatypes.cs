namespace AiDc.Trainer.Serving.Models;

/// <summary>Names and sizes of the types.</summary>
public static class Datatypes
{
    /// <summary>All names, in the protocol's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<Datatype>().Select(NameOf)];

    /// <summary>As the protocol spells it: FP32, INT64, BYTES.</summary>
    public static string NameOf(this Datatype type) => type.ToString().ToUpperInvariant();

    /// <returns>Null where there is no such type. The case matters.</returns>
    public static Datatype? Find(string? name) => Enum.GetValues<Datatype>().Where(t => t.NameOf() == name).Select(t => (Datatype?)t).FirstOrDefault();

    /// <summary>Bytes of one value; 0 for <see cref="Datatype.Bytes"/>, whose values differ in length.</summary>
    public static int SizeOf(this Datatype type) => type switch
    {
        Datatype.Bool or Datatype.UInt8 or Datatype.Int8 => 1,
        Datatype.UInt16 or Datatype.Int16 or Datatype.Fp16 or Datatype.Bf16 => 2,
        Datatype.UInt32 or Datatype.Int32 or Datatype.Fp32 => 4,
        Datatype.UInt64 or Datatype.Int64 or Datatype.Fp64 => 8,
        _ => 0,
    };
}
