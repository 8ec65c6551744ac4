namespace AiDc.Trainer.Models;

/// <summary>The networks that can be named.</summary>
public static class ModelCatalog
{
    private static readonly SortedDictionary<string, NetworkShape> Shapes = new(StringComparer.Ordinal)
    {
        // The classic MNIST example. Padded, because strokes reach the border: about 0.001 more of the test images right after three epochs.
        ["cnn"] = new([32, 64], Padding: 1, Hidden: 128),
        // The classic CIFAR-10 example: three convolutions.
        ["cifar-cnn"] = new([32, 64, 128], Padding: 1, Hidden: 128),
    };

    public static IReadOnlyCollection<string> Names => Shapes.Keys;

    /// <summary>Why a network of that kind cannot be built for the input; null when it can.</summary>
    public static string? Problem(ModelSpec spec)
    {
        if (!Shapes.TryGetValue(spec.Name, out var shape))
            return $"--model {spec.Name}: there is no such model; use one of {string.Join(", ", Names)}";
        var smallest = shape.SmallestSide;
        return spec.Height < smallest || spec.Width < smallest
            ? $"--model {spec.Name} needs images of at least {smallest}x{smallest} pixels, but the data has {spec.Width}x{spec.Height}: use larger images or another model"
            : null;
    }

    /// <summary>Builds the network with weights drawn from torch's default generator.</summary>
    /// <exception cref="ConfigurationException">The model is unknown or does not fit the input.</exception>
    public static ImageClassifier Create(ModelSpec spec)
    {
        if (Problem(spec) is { } problem) throw new ConfigurationException(problem);
        var shape = Shapes[spec.Name];
        return new ImageClassifier(spec, shape);
    }
}
