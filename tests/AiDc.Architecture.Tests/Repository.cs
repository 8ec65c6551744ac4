namespace AiDc.Architecture.Tests;

/// <summary>The files of the repository, without what is built or fetched.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = [".git", "artifacts", "bin", "obj", "node_modules", "TestResults", ".vs", ".idea", ".vscode"];

    public static string Root { get; } = FindRoot();

    /// <summary>All files, by their path in the repository.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Below(Root).Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> SourceFiles => Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>C# files of products, not of tests.</summary>
    public static IEnumerable<string> ProductSourceFiles => SourceFiles.Where(f => !f.StartsWith("tests/", StringComparison.Ordinal));

    public static string[] ReadLines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    private static IEnumerable<string> Below(string folder) =>
        Directory.EnumerateFiles(folder)
            .Concat(Directory.EnumerateDirectories(folder)
                .Where(d => !NotOurs.Contains(Path.GetFileName(d)) && new DirectoryInfo(d).LinkTarget is null)
                .SelectMany(Below));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AiDc.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no AiDc.sln in a folder above {AppContext.BaseDirectory}");
    }
}
