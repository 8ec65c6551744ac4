namespace AiDc.Trainer.Models;

/// <summary>The networks that can be named.</summary>
public static class ModelCatalog
{
    private sealed record Shape(int[] Filters, int Hidden);

    private static readonly SortedDictionary<string, Shape> Shapes = new(StringComparer.Ordinal)
    {
        // The classic MNIST example.
        ["cnn"] = new([32, 64], 128),
        // The classic CIFAR-10 example: three convolutions.
        ["cifar-cnn"] = new([32, 64, 128], 128),
    };

    public static IReadOnlyCollection<string> Names => Shapes.Keys;

    /// <summary>Why a network of that kind cannot be built for the input; null when it can.</summary>
    public static string? Problem(ModelSpec spec)
    {
        if (!Shapes.TryGetValue(spec.Name, out var shape))
            return $"--model {spec.Name}: there is no such model; use one of {string.Join(", ", Names)}";
        var smallest = 1 << shape.Filters.Length;
        return spec.Height < smallest || spec.Width < smallest
            ? $"--model {spec.Name} halves the image {shape.Filters.Length} times, so it needs at least {smallest}x{smallest} pixels, but the data has {spec.Width}x{spec.Height}: use a smaller model or larger images"
            : null;
    }

    /// <summary>Builds the network with weights drawn from torch's default generator.</summary>
    /// <exception cref="ConfigurationException">The model is unknown or does not fit the input.</exception>
    public static ImageClassifier Create(ModelSpec spec)
    {
        if (Problem(spec) is { } problem) throw new ConfigurationException(problem);
        var shape = Shapes[spec.Name];
        return new ImageClassifier(spec, shape.Filters, shape.Hidden);
    }
}
