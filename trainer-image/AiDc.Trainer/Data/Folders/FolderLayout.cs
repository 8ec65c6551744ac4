namespace AiDc.Trainer.Data.Folders;

/// <summary>
/// Which file belongs to which split and class. Class folders lie at the top (then all of it is for training) or below
/// train and test (training, testing; val, valid or validation serve as test where there is none); one folder around it all does
/// not matter. A folder is a split only if it has a split's name and holds folders: pictures of trains may lie in "train". Classes are numbered in the ordinal order of their names, and
/// the samples ordered by class and path, so that the same files always give the same data set.
/// </summary>
internal sealed record FolderLayout(
    IReadOnlyList<string> Classes, IReadOnlyList<LabelledFile> Train, IReadOnlyList<LabelledFile>? Test, IReadOnlyList<string> Notes)
{
    private static readonly string[] TrainNames = ["train", "training"];
    private static readonly string[] TestNames = ["test", "testing"];
    private static readonly string[] ValidationNames = ["val", "valid", "validation"];

    /// <exception cref="DataException">No classes, an empty one, or one that only the test images have.</exception>
    public static FolderLayout Of(FileTree tree, Splits splits = Splits.ToTrain)
    {
        var top = Unwrap(tree);
        var names = Children(tree, top);
        var train = Single(tree, top, names, TrainNames);
        var test = Single(tree, top, names, TestNames);
        var validation = Single(tree, top, names, ValidationNames);
        // A split holds class folders. A folder of such a name with pictures of its own, next to others like it, is a class.
        if (train is not null && !HoldsFolders(tree, top, train)) train = null;
        var notes = new List<string>();
        if (train is null)
            return new[] { test, validation }.FirstOrDefault(split => split is not null && HoldsFolders(tree, top, split)) is { } only
                ? Tested(tree, top, only, names, splits, notes)
                : Flat(tree, top, notes);

        var tested = test ?? validation;
        var left = names.Where(name => name != train && name != tested).ToArray();
        if (left.Length > 0) notes.Add($"Next to {train}, left out: {string.Join(", ", left)}.");
        if (test is null && validation is not null) notes.Add($"There is no test folder: {validation} serves as the test split.");
        if (tested is not null && !HoldsFolders(tree, top, tested))
        {
            notes.Add($"{At(tree, top + tested)} has no class folders, so nothing says what its images show: there is no test split.");
            foreach (var file in Below(tree, top + tested + '/')) tree.LeftOut.Add(Reason.Unlabelled, file.Path);
            tested = null;
        }

        var classes = ClassFolders(tree, top + train + '/');
        return new(classes, Split(tree, top + train + '/', classes),
            tested is null ? null : TestSplit(tree, top + tested + '/', classes), notes);
    }

    /// <summary>There are only images to test with, which is enough to evaluate a model.</summary>
    private static FolderLayout Tested(FileTree tree, string top, string only, string[] names, Splits splits, List<string> notes)
    {
        if (splits == Splits.ToTrain)
            throw new DataException(At(tree, top), $"holds {only} but no train", "Put the class folders below train and test, or at the top");
        if (names.Length > 1) notes.Add($"Next to {only}, left out: {string.Join(", ", names.Where(name => name != only))}.");
        var classes = ClassFolders(tree, top + only + '/');
        return new(classes, [], Split(tree, top + only + '/', classes), notes);
    }

    private static bool HoldsFolders(FileTree tree, string top, string name) => Children(tree, top + name + '/').Length > 0;

    private static IEnumerable<ImageFile> Below(FileTree tree, string prefix) => tree.Files.Where(f => f.Path.StartsWith(prefix, StringComparison.Ordinal));

    private static FolderLayout Flat(FileTree tree, string top, List<string> notes)
    {
        var classes = ClassFolders(tree, top);
        return new(classes, Split(tree, top, classes), null, notes);
    }

    /// <returns>"" or the path of the folder that wraps everything, with a '/' at its end.</returns>
    private static string Unwrap(FileTree tree)
    {
        var top = "";
        while (Children(tree, top) is [var single]
            && !TrainNames.Concat(TestNames).Concat(ValidationNames).Contains(single, StringComparer.OrdinalIgnoreCase)
            && Children(tree, top + single + '/').Length > 0)
            top += single + '/';
        return top;
    }

    /// <summary>Names of the folders directly below, sorted.</summary>
    private static string[] Children(FileTree tree, string prefix) => [.. tree.Folders
        .Where(path => path.StartsWith(prefix, StringComparison.Ordinal) && !path.AsSpan(prefix.Length).Contains('/'))
        .Select(path => path[prefix.Length..]).Order(StringComparer.Ordinal)];

    private static string? Single(FileTree tree, string top, string[] names, string[] wanted)
    {
        var found = names.Where(name => wanted.Contains(name, StringComparer.OrdinalIgnoreCase)).ToArray();
        return found.Length < 2 ? found.FirstOrDefault() : throw new DataException(
            At(tree, top), $"holds both {found[0]} and {found[1]}", "Keep one of them");
    }

    private static string[] ClassFolders(FileTree tree, string prefix) => Children(tree, prefix) is { Length: >= 2 } classes ? classes
        : throw new DataException(At(tree, prefix), $"holds {Children(tree, prefix).Length} class folders, expected at least 2",
            "Make one folder a class, at the top or below train and test, and put the PNG or JPEG files there");

    private static List<LabelledFile> TestSplit(FileTree tree, string prefix, string[] classes)
    {
        var strangers = Children(tree, prefix).Except(classes, StringComparer.Ordinal).ToArray();
        if (strangers.Length > 0)
            throw new DataException(At(tree, prefix + strangers[0]), "is a class that the training images do not have", "Give both splits the same class folders");
        return Split(tree, prefix, [.. classes]);
    }

    private static List<LabelledFile> Split(FileTree tree, string prefix, string[] classes)
    {
        var present = Children(tree, prefix);
        var labels = classes.Select((name, label) => (name, label)).ToDictionary(c => c.name, c => c.label, StringComparer.Ordinal);
        var files = new List<LabelledFile>();
        foreach (var file in Below(tree, prefix))
        {
            var slash = file.Path.IndexOf('/', prefix.Length);
            if (slash < 0) tree.LeftOut.Add(Reason.OutsideOfClasses, file.Path);
            else files.Add(new(file, labels[file.Path[prefix.Length..slash]]));
        }
        var filled = files.Select(f => f.Label).ToHashSet();
        if (present.FirstOrDefault(name => !filled.Contains(labels[name])) is { } empty)
            throw new DataException(At(tree, prefix + empty), "is a class folder without an image", "Put PNG or JPEG files there, or remove the folder");
        if (files.Count == 0) throw new DataException(At(tree, prefix), "holds no image", "Put PNG or JPEG files into its class folders");
        files.Sort((a, b) => a.Label != b.Label ? a.Label.CompareTo(b.Label) : string.CompareOrdinal(a.File.Path, b.File.Path));
        return files;
    }

    private static string At(FileTree tree, string path)
    {
        var below = path.TrimEnd('/');
        return below.Length == 0 ? tree.Root : File.Exists(tree.Root) ? $"{tree.Root}!{below}" : Path.Combine(tree.Root, below);
    }
}
