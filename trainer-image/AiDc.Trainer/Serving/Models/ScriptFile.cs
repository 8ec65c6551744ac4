using System.IO.Compression;

namespace AiDc.Trainer.Serving.Models;

/// <summary>
/// Looks into a TorchScript file before libtorch gets it: what is no such file is told from one by its parts, and what would end the
/// process while it is loaded is refused.
/// </summary>
internal static class ScriptFile
{
    private const string Save = "Save the model with torch.jit.save(torch.jit.freeze(torch.jit.script(model.eval())), file)";

    /// <param name="place">Where it came from, for messages.</param>
    /// <exception cref="InvalidFileException">It is no TorchScript file, or one that cannot be loaded.</exception>
    public static void Check(string file, string place)
    {
        try
        {
            using var archive = ZipFile.OpenRead(file);
            var code = archive.Entries.Where(e => e.FullName.Split('/') is [_, "code", ..] && e.Name.EndsWith(".py", StringComparison.Ordinal)).ToArray();
            if (code.Length == 0)
            {
                var isSaved = archive.Entries.Any(e => e.Name == "data.pkl");
                throw new InvalidFileException(place, (isSaved ? "it is a file of torch.save, which needs the Python class of the model" : "it is a zip archive without TorchScript's code") + $". {Save}");
            }

            foreach (var entry in code)
            {
                // libtorch throws through a destructor when it does not know them, and that ends the process.
                if (Reads(entry, "ConstantMKLDNNTensor"))
                    throw new InvalidFileException(place, $"it was saved after torch.jit.optimize_for_inference, whose operators cannot be loaded. {Save}");
            }
        }
        catch (InvalidDataException error)
        {
            throw new InvalidFileException(place, $"it is no TorchScript file (no zip archive, or a damaged one). {Save}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Checkpoints.StorageErrors.Translate(place, error);
        }
    }

    private static bool Reads(ZipArchiveEntry entry, string what)
    {
        using var text = new StreamReader(entry.Open());
        while (text.ReadLine() is { } line)
        {
            if (line.Contains(what, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
