namespace AiDc.Api.Tests;

/// <summary>Where the repository is: the folder above the test's with the solution in it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The files of examples/, by their path in the repository.</summary>
    public static IEnumerable<string> Examples() =>
        Directory.GetFiles(Path.Combine(Root, "examples"), "*.yaml").Order(StringComparer.Ordinal).Select(f => $"examples/{Path.GetFileName(f)}");

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
