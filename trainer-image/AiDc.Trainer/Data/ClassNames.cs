namespace AiDc.Trainer.Data;

/// <summary>Reads a file of class names, one a line; empty lines at the end do not count.</summary>
internal static class ClassNames
{
    private const int MaxBytes = 1 << 20;

    public static string[] Read(string path, int max)
    {
        using var file = DataFile.Open(path);
        var bytes = new byte[(int)Math.Min(MaxBytes + 1, file.MaxLength)];
        var read = file.Read(bytes);
        if (read > MaxBytes) throw new DataException(path, "is longer than 1 MiB", "Write one class name a line");
        var names = Utf8Text.Decode(path, bytes.AsSpan(0, read)).TrimEnd().Split('\n').Select(line => line.Trim()).ToArray();
        for (var k = 0; k < names.Length; k++)
        {
            if (names[k].Length == 0) throw new DataException(path, $"line {k + 1} is empty", "Write one class name a line");
            if (Array.IndexOf(names, names[k]) != k)
                throw new DataException(path, $"\"{names[k]}\" appears twice (line {k + 1})", "Give each class its own name");
        }
        if (names.Length < 2 || names.Length > max)
            throw new DataException(path, $"names {names.Length} classes, expected 2 to {max}", "Write one class name a line");
        return names;
    }
}
