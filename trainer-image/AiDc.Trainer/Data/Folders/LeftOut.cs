namespace AiDc.Trainer.Data.Folders;

/// <summary>Why a file is not used: a phrase for one of the kind, and one for several.</summary>
/// <param name="One">Follows "1 ".</param>
/// <param name="Several">Follows a number.</param>
internal sealed record Reason(string One, string Several)
{
    public static readonly Reason Climbs = new("entry with '..' in its name is left out", "entries with '..' in their names are left out");

    public static readonly Reason Sparse = new(
        "sparse file is left out; pack it without --sparse", "sparse files are left out; pack them without --sparse");

    public static readonly Reason DeadLink = new(
        "link is left out, as the archive does not hold an image where it leads", "links are left out, as the archive does not hold an image where they lead");

    public static readonly Reason OutsideOfClasses = new(
        "image is left out, as it lies outside of the class folders", "images are left out, as they lie outside of the class folders");

    public static readonly Reason Unlabelled = new(
        "image is left out, as no class folder says what it shows", "images are left out, as no class folder says what they show");

    /// <param name="extension">With its dot; empty where the name has none.</param>
    /// <param name="read">Those that are read.</param>
    public static Reason Unread(string extension, IEnumerable<string> read)
    {
        var why = extension.Length > 0 ? $"as the kind {extension} is not read; {string.Join(", ", read)} are" : $"as a name without an ending says no kind; {string.Join(", ", read)} are read";
        return new($"file is left out, {why}", $"files are left out, {why}");
    }
}

/// <summary>Files that lie among the images and are not used: how many, why, and one of each kind by its name.</summary>
internal sealed class LeftOut
{
    private readonly Dictionary<Reason, (int Count, string First)> reasons = [];

    public int Count => reasons.Values.Sum(r => r.Count);

    /// <summary>A sentence for each reason.</summary>
    public IEnumerable<string> Sentences => reasons.OrderBy(r => r.Key.Several, StringComparer.Ordinal).Select(r => r.Value.Count == 1
        ? $"1 {r.Key.One} ({r.Value.First})."
        : $"{r.Value.Count} {r.Key.Several} (one is {r.Value.First}).");

    public void Add(Reason reason, string path)
    {
        var (count, first) = reasons.GetValueOrDefault(reason, (0, path));
        reasons[reason] = (count + 1, string.CompareOrdinal(path, first) < 0 ? path : first);
    }
}
