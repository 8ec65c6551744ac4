using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Training;

/// <summary>Grey 12x12 images with noise and one bright quadrant, which is the class: learnt within seconds.</summary>
internal static class ToyProblem
{
    public const int Side = 12;
    public const int Classes = 4;

    public static ImageDataset Images(int count, ulong seed)
    {
        var random = new Random((int)seed);
        var pixels = new byte[count * Side * Side];
        var labels = new long[count];
        for (var i = 0; i < count; i++)
        {
            var label = i % Classes;
            labels[i] = label;
            for (var y = 0; y < Side; y++)
            {
                for (var x = 0; x < Side; x++)
                {
                    var bright = (y >= Side / 2 ? 2 : 0) + (x >= Side / 2 ? 1 : 0) == label;
                    pixels[(i * Side * Side) + (y * Side) + x] = (byte)(random.Next(120) + (bright ? 100 : 0));
                }
            }
        }

        return new(count, 1, Side, Side, [.. Enumerable.Range(0, 10).Select(k => $"{k}")], pixels, labels);
    }

    /// <summary>Writes IDX files with a training and a test split.</summary>
    public static void Write(string folder, int train, int test) =>
        IdxWriter.Write(folder, [("train", Images(train, 1)), ("t10k", Images(test, 2))], CancellationToken.None);
}
