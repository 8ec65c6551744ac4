using System.Numerics;

namespace AiDc.Trainer.Data.Digits;

/// <summary>
/// Writes one digit the way a hand does: a style, points that miss their place, a slant, a turn, a size, and a slow wobble
/// (an elastic distortion in the sense of P. Simard et al., "Best practices for convolutional neural networks", ICDAR 2003,
/// applied to the strokes and not to the pixels).
/// </summary>
internal static class Handwriting
{
    /// <summary>Lines between two points of a stroke.</summary>
    private const int Pieces = 5;

    /// <returns>The strokes as lines, in pixels of a 28x28 image, before centring.</returns>
    public static List<Vector2[]> Write(int digit, Xoshiro256 random)
    {
        var styles = DigitShapes.Styles[digit];
        var style = styles[random.Below((uint)styles.Length)];
        var hand = Hand(random);
        var wobble = Wobble(random);
        var miss = random.Uniform(0.012f, 0.042f);
        return [.. style.Select(stroke => Smooth(stroke.Select(p => p + miss * new Vector2(random.Gaussian(), random.Gaussian())).ToArray())
            .Select(p => Vector2.Transform(p + wobble(p), hand)).ToArray())];
    }

    /// <summary>Proportions, slant, turn and size, about the middle of the box; 1 becomes about 19 pixels.</summary>
    private static Matrix3x2 Hand(Xoshiro256 random)
    {
        var height = 19f * (1 + Math.Clamp(0.07f * random.Gaussian(), -0.2f, 0.12f));
        var width = height * Math.Clamp(0.80f + 0.13f * random.Gaussian(), 0.48f, 1.08f);
        var slant = Math.Clamp(0.13f + 0.20f * random.Gaussian(), -0.45f, 0.65f);
        var turn = Math.Clamp(0.09f * random.Gaussian(), -0.25f, 0.25f);
        return Matrix3x2.CreateTranslation(-0.5f, -0.5f) * Matrix3x2.CreateScale(width, height)
            * new Matrix3x2(1, 0, -slant, 1, 0, 0) * Matrix3x2.CreateRotation(turn);
    }

    /// <summary>A smooth displacement field: one slow wave along each axis.</summary>
    private static Func<Vector2, Vector2> Wobble(Xoshiro256 random)
    {
        var size = random.Uniform(0f, 0.045f);
        var (fx, fy) = (random.Uniform(2f, 6f), random.Uniform(2f, 6f));
        var (px, py) = (random.Uniform(0f, MathF.Tau), random.Uniform(0f, MathF.Tau));
        return p => size * new Vector2(MathF.Sin(fx * p.Y + px), MathF.Sin(fy * p.X + py));
    }

    /// <summary>A uniform Catmull-Rom spline through the points (E. Catmull, R. Rom, 1974), as lines.</summary>
    private static Vector2[] Smooth(Vector2[] points)
    {
        var line = new List<Vector2>(points.Length * Pieces) { points[0] };
        for (var i = 0; i + 1 < points.Length; i++)
        {
            var (a, b) = (points[i], points[i + 1]);
            var before = i > 0 ? points[i - 1] : a;
            var after = i + 2 < points.Length ? points[i + 2] : b;
            for (var k = 1; k <= Pieces; k++) line.Add(CatmullRom(before, a, b, after, k / (float)Pieces));
        }
        return [.. line];
    }

    private static Vector2 CatmullRom(Vector2 before, Vector2 a, Vector2 b, Vector2 after, float t) => 0.5f * (
        2 * a + (b - before) * t + (2 * before - 5 * a + 4 * b - after) * (t * t) + (3 * a - before - 3 * b + after) * (t * t * t));
}
