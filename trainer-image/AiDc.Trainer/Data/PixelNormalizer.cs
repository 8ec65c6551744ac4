using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AiDc.Trainer.Data;

/// <summary>
/// Widens bytes to normalised floats: y = x * scale + shift, rounded after each operation. No fused multiply-add, so that
/// every instruction set gives the same bits.
/// </summary>
public static class PixelNormalizer
{
    /// <summary>The factor and the addend that turn a byte of a channel into (x/255 - mean) / std.</summary>
    public static (float Scale, float Shift) Factors(float mean, float std) => (1f / (255f * std), -mean / std);

    /// <param name="pixels">[n] bytes.</param>
    /// <param name="values">[n] floats, written.</param>
    public static void Apply(ReadOnlySpan<byte> pixels, Span<float> values, float scale, float shift)
    {
        if (values.Length != pixels.Length) throw new ArgumentException("source and destination differ in length", nameof(values));
        var done = 0;
        if (Avx2.IsSupported) done = ApplyAvx2(pixels, values, scale, shift);
        else if (Vector128.IsHardwareAccelerated) done = ApplyVector128(pixels, values, scale, shift);
        for (; done < pixels.Length; done++) values[done] = pixels[done] * scale + shift;
    }

    private static int ApplyAvx2(ReadOnlySpan<byte> pixels, Span<float> values, float scale, float shift)
    {
        ref var source = ref MemoryMarshal.GetReference(pixels);
        ref var target = ref MemoryMarshal.GetReference(values);
        var (scales, shifts) = (Vector256.Create(scale), Vector256.Create(shift));
        var i = 0;
        for (; i + 16 <= pixels.Length; i += 16)
        {
            var bytes = Vector128.LoadUnsafe(ref source, (nuint)i);
            var low = Avx2.ConvertToVector256Int32(bytes);
            var high = Avx2.ConvertToVector256Int32(Sse2.ShiftRightLogical128BitLane(bytes, 8));
            (Vector256.ConvertToSingle(low) * scales + shifts).StoreUnsafe(ref target, (nuint)i);
            (Vector256.ConvertToSingle(high) * scales + shifts).StoreUnsafe(ref target, (nuint)i + 8);
        }
        return i;
    }

    private static int ApplyVector128(ReadOnlySpan<byte> pixels, Span<float> values, float scale, float shift)
    {
        ref var source = ref MemoryMarshal.GetReference(pixels);
        ref var target = ref MemoryMarshal.GetReference(values);
        var (scales, shifts) = (Vector128.Create(scale), Vector128.Create(shift));
        var i = 0;
        for (; i + 16 <= pixels.Length; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref source, (nuint)i));
            var (first, second) = Vector128.Widen(low);
            var (third, fourth) = Vector128.Widen(high);
            (Vector128.ConvertToSingle(first.AsInt32()) * scales + shifts).StoreUnsafe(ref target, (nuint)i);
            (Vector128.ConvertToSingle(second.AsInt32()) * scales + shifts).StoreUnsafe(ref target, (nuint)i + 4);
            (Vector128.ConvertToSingle(third.AsInt32()) * scales + shifts).StoreUnsafe(ref target, (nuint)i + 8);
            (Vector128.ConvertToSingle(fourth.AsInt32()) * scales + shifts).StoreUnsafe(ref target, (nuint)i + 12);
        }
        return i;
    }
}
