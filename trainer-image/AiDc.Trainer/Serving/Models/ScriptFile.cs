using System.IO.Compression;
using System.Text.RegularExpressions;
using AiDc.Trainer.Storage;
using ICSharpCode.SharpZipLib.Checksum;

namespace AiDc.Trainer.Serving.Models;

/// <summary>
/// Looks into a TorchScript file before libtorch gets it. What is no such file is told from one by its parts; what would end the process
/// while it is loaded is refused: the native wrapper does not catch the errors of libtorch's compiler (torch::jit::ErrorReport), which
/// damaged code and unknown operators cause.
/// </summary>
internal static partial class ScriptFile
{
    private const string Save = "Save the model with torch.jit.save(torch.jit.freeze(torch.jit.script(model.eval())), file)";

    /// <summary>Of the operators that libtorch itself has.</summary>
    private static readonly string[] Namespaces =
        ["aten", "prim", "prims", "quantized", "_quantized", "quantized_decomposed", "sparse", "prepacked", "mkldnn", "mkldnn_prepacked", "onednn", "xnnpack", "inductor", "cuda"];

    /// <param name="place">Where it came from, for messages.</param>
    /// <exception cref="InvalidFileException">It is no TorchScript file, or one that cannot be loaded.</exception>
    public static void Check(string file, string place)
    {
        try
        {
            using var archive = ZipFile.OpenRead(file);
            foreach (var entry in archive.Entries) CheckSum(entry, place);
            var code = archive.Entries.Where(e => e.FullName.Split('/') is [_, "code", ..] && e.Name.EndsWith(".py", StringComparison.Ordinal)).ToArray();
            if (code.Length == 0) throw new InvalidFileException(place, WithoutCode(archive));
            foreach (var entry in code) CheckOperators(entry, place);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidFileException(place, $"it is no TorchScript file (no zip archive, or a damaged one). {Save}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(place, error);
        }
    }

    private static string WithoutCode(ZipArchive archive) =>
        (archive.Entries.Any(e => e.Name == "data.pkl") ? "it is a file of torch.save, which needs the Python class of the model" : "it is a zip archive without TorchScript's code") + $". {Save}";

    private static void CheckSum(ZipArchiveEntry entry, string place)
    {
        using var content = entry.Open();
        var sum = new Crc32();
        var buffer = new byte[1 << 16];
        for (int read; (read = content.Read(buffer)) > 0;) sum.Update(new ArraySegment<byte>(buffer, 0, read));
        if (sum.Value != entry.Crc32) throw new InvalidFileException(place, $"it is damaged: the checksum of {entry.FullName} is wrong. Replace it by an undamaged copy. {Save}");
    }

    private static void CheckOperators(ZipArchiveEntry entry, string place)
    {
        using var text = new StreamReader(entry.Open());
        while (text.ReadLine() is { } line)
        {
            foreach (var found in Operator().Matches(line).Cast<Match>())
            {
                var (library, name) = (found.Groups["library"].Value, found.Groups["name"].Value);
                if (name == "ConstantMKLDNNTensor")
                    throw new InvalidFileException(place, $"it was saved after torch.jit.optimize_for_inference, whose operators cannot be loaded. {Save}");
                if (!Namespaces.Contains(library))
                    throw new InvalidFileException(place, $"it uses {library}::{name}, an operator of a library beside PyTorch, which is not here. Write the model without it, or export it as ONNX. {Save}");
            }
        }
    }

    [GeneratedRegex(@"\bops\.(?<library>\w+)\.(?<name>\w+)")]
    private static partial Regex Operator();
}
