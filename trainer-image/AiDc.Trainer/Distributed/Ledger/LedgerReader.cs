using System.Text.Json;

namespace AiDc.Trainer.Distributed.Ledger;

/// <summary>Reads what all processes of a job wrote into its ledger.</summary>
public static class LedgerReader
{
    public const string Extension = ".ledger.jsonl";

    /// <exception cref="InvalidFileException">The folder has no ledger, or a line in it is none.</exception>
    public static IReadOnlyList<LedgerEntry> Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidFileException(folder, "there is no such folder: name the one that --ledger named in training");
        var files = Directory.GetFiles(folder, "*" + Extension);
        if (files.Length == 0) throw new InvalidFileException(folder, $"there is no file *{Extension} in it: name the folder that --ledger named in training");
        return [.. files.Order(StringComparer.Ordinal).SelectMany(Lines)];
    }

    /// <summary>
    /// The ledger of a training that may still run, without the steps that some of its processes may not have written down yet. A process
    /// writes a step down before it takes part in its sum: once one has written the next, all have written this, and are read after that.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<LedgerEntry> ReadSettled(string folder)
    {
        var seen = Read(folder).Select(Place).DefaultIfEmpty().Max();
        return [.. Read(folder).Where(e => Place(e).CompareTo(seen) < 0)];
    }

    private static (long Generation, int Replay, long Step) Place(LedgerEntry entry) => (entry.Generation, entry.Replay, entry.Step);

    private static IEnumerable<LedgerEntry> Lines(string file)
    {
        var lines = File.ReadAllText(file).Split('\n');
        // What follows the last line break is nothing, or the half line of a process that was killed in the middle of it.
        for (var i = 0; i < lines.Length - 1; i++) yield return Parse(file, i + 1, lines[i]);
    }

    private static LedgerEntry Parse(string file, int number, string line)
    {
        try
        {
            return JsonSerializer.Deserialize<LedgerEntry>(line, Json.Line) ?? throw new InvalidFileException(file, $"line {number} is null");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(file, $"line {number} is no entry of a ledger ({error.Message})", error);
        }
    }
}
