using AiDc.Trainer.Models;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Sources;

/// <summary>What the files of a model are called.</summary>
internal static class ModelFiles
{
    /// <summary>Endings of the file that a model of that format is, the usual one first.</summary>
    public static IReadOnlyList<string> Endings(ModelFormat format) => format switch
    {
        ModelFormat.TorchScript => [".pt", ".pts", ".pth", ".torchscript", ".ts"],
        ModelFormat.Onnx => [".onnx", ".ort"],
        _ => [ModelManifest.FileName],
    };

    public static bool IsModel(ModelFormat format, string name) => format == ModelFormat.Aidc
        ? name == ModelManifest.FileName
        : Endings(format).Any(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>The one file of a folder that is the model.</summary>
    /// <param name="names">Of the files in the folder.</param>
    /// <param name="place">The folder, for messages.</param>
    /// <exception cref="ConfigurationException">There is none, or several.</exception>
    public static string Single(ModelFormat format, IReadOnlyCollection<string> names, string place)
    {
        var found = names.Where(n => IsModel(format, n)).Order(StringComparer.Ordinal).ToArray();
        return found.Length switch
        {
            1 => found[0],
            0 => throw new ConfigurationException($"{place}: it holds no {(format == ModelFormat.Aidc ? ModelManifest.FileName : "*" + Endings(format)[0])}{Others(names)}. Name the model's file, or the folder that it is in; --format {format.ToString().ToLowerInvariant()} says what is looked for"),
            _ => throw new ConfigurationException($"{place}: it holds {found.Length} models ({string.Join(", ", found.Take(5))}). Name the one to serve"),
        };
    }

    private static string Others(IReadOnlyCollection<string> names) => names.Count switch
    {
        0 => " and no other file",
        <= 5 => $", only {string.Join(", ", names.Order(StringComparer.Ordinal))}",
        _ => $" among its {names.Count} files",
    };
}
