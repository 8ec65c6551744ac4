using System.Numerics;

namespace AiDc.Trainer.Data.Digits;

/// <summary>Draws strokes into a 28x28 image with a round pen, anti-aliased, the centre of mass in the middle as in MNIST.</summary>
internal static class Ink
{
    public const int Side = 28;

    /// <param name="pixels">[28 x 28], overwritten: 0 is paper, 255 ink.</param>
    public static void Draw(List<Vector2[]> strokes, Xoshiro256 random, Span<byte> pixels)
    {
        var pen = Math.Clamp(1.15f + 0.33f * random.Gaussian(), 0.6f, 2.1f);
        var pressure = random.Uniform(0f, 0.35f);
        var blur = random.Uniform(0.45f, 0.8f);
        var miss = 0.5f * new Vector2(Math.Clamp(random.Gaussian(), -3f, 3f), Math.Clamp(random.Gaussian(), -3f, 3f));
        var shift = Inside(strokes, MassCentre(strokes) + miss, margin: pen * (1 + pressure) + blur);

        Span<float> ink = stackalloc float[Side * Side];
        ink.Clear();
        foreach (var stroke in strokes)
        {
            var phase = random.Uniform(0f, MathF.Tau);
            for (var i = 0; i + 1 < stroke.Length; i++)
            {
                var radius = pen * (1 + pressure * MathF.Sin(phase + 4f * i / stroke.Length));
                DrawLine(stroke[i] + shift, stroke[i + 1] + shift, radius, blur, ink);
            }
        }
        Develop(ink, random, pixels);
    }

    /// <summary>The shift nearest to <paramref name="wanted"/> with all ink inside of the image; too large a digit is centred.</summary>
    private static Vector2 Inside(List<Vector2[]> strokes, Vector2 wanted, float margin)
    {
        var (low, high) = (new Vector2(float.MaxValue), new Vector2(float.MinValue));
        foreach (var point in strokes.SelectMany(stroke => stroke)) (low, high) = (Vector2.Min(low, point), Vector2.Max(high, point));
        var (least, most) = (new Vector2(margin) - low, new Vector2(Side - 1 - margin) - high);
        var middle = 0.5f * (least + most);
        return Vector2.Clamp(wanted, Vector2.Min(least, middle), Vector2.Max(most, middle));
    }

    /// <summary>What moves the middle of the strokes' length to the middle of the image.</summary>
    private static Vector2 MassCentre(List<Vector2[]> strokes)
    {
        var (sum, length) = (Vector2.Zero, 0f);
        foreach (var stroke in strokes)
        {
            for (var i = 0; i + 1 < stroke.Length; i++)
            {
                var piece = Vector2.Distance(stroke[i], stroke[i + 1]);
                sum += piece * 0.5f * (stroke[i] + stroke[i + 1]);
                length += piece;
            }
        }
        return new Vector2((Side - 1) / 2f) - sum / Math.Max(length, 1e-6f);
    }

    /// <summary>Ink falls from full to none over 2 x blur pixels around the pen's edge; where lines cross, the darker one counts.</summary>
    private static void DrawLine(Vector2 a, Vector2 b, float radius, float blur, Span<float> ink)
    {
        var reach = radius + blur;
        var (low, high) = (Vector2.Min(a, b) - new Vector2(reach), Vector2.Max(a, b) + new Vector2(reach));
        var (x0, x1) = (Math.Max(0, (int)MathF.Ceiling(low.X)), Math.Min(Side - 1, (int)MathF.Floor(high.X)));
        var (y0, y1) = (Math.Max(0, (int)MathF.Ceiling(low.Y)), Math.Min(Side - 1, (int)MathF.Floor(high.Y)));
        var direction = b - a;
        var inverse = 1f / Math.Max(direction.LengthSquared(), 1e-9f);
        for (var y = y0; y <= y1; y++)
        {
            for (var x = x0; x <= x1; x++)
            {
                var offset = new Vector2(x, y) - a;
                var nearest = Math.Clamp(Vector2.Dot(offset, direction) * inverse, 0f, 1f);
                var distance = (offset - nearest * direction).Length();
                var cover = Math.Clamp((reach - distance) / (2 * blur), 0f, 1f);
                if (cover > ink[y * Side + x]) ink[y * Side + x] = cover;
            }
        }
    }

    /// <summary>Strength of the ink and grain of the scanner; clean paper stays clean.</summary>
    private static void Develop(ReadOnlySpan<float> ink, Xoshiro256 random, Span<byte> pixels)
    {
        var strength = random.Uniform(0.86f, 1f);
        var grain = random.Uniform(0f, 0.09f);
        for (var i = 0; i < pixels.Length; i++)
        {
            var value = ink[i] == 0 ? 0 : ink[i] * strength * (1 + grain * random.Gaussian());
            pixels[i] = (byte)Math.Clamp(255 * value, 0, 255);
        }
    }
}
