namespace AiDc.Trainer.Serving.Rest;

/// <summary>bfloat16: the upper half of a float.</summary>
internal static class Bf16
{
    /// <summary>The nearest; of two the even one. The value is finite.</summary>
    public static ushort FromSingle(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
