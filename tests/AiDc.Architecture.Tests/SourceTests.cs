using System.Text.RegularExpressions;

namespace AiDc.Architecture.Tests;

/// <summary>What is asked of the files themselves.</summary>
[TestFixture]
internal sealed partial class SourceTests
{
    private const int MaxLines = 400;

    private static readonly string[] TextFiles =
        [".cs", ".csproj", ".props", ".targets", ".md", ".yaml", ".yml", ".json", ".sh", ".tpl", ".proto", ".txt", ".go", ".py", "Makefile", "Dockerfile"];

    [Test]
    public void No_source_file_is_longer_than_400_lines() =>
        Assert.That(
            Repository.SourceFiles.Select(f => (File: f, Lines: Repository.ReadLines(f).Length)).Where(f => f.Lines > MaxLines),
            Is.Empty);

    [Test]
    public void The_namespace_of_a_product_file_is_its_folder()
    {
        var wrong = Repository.ProductSourceFiles
            .Select(f => (File: f, Namespace: Repository.ReadLines(f).Select(l => Namespace().Match(l)).FirstOrDefault(m => m.Success)?.Groups[1].Value))
            .Where(f => f.Namespace is not null && f.Namespace != FolderNamespace(f.File));

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void No_file_names_a_folder_of_somebodys_machine()
    {
        var named = Repository.Files
            .Where(f => TextFiles.Any(end => f.EndsWith(end, StringComparison.Ordinal)))
            .SelectMany(f => Repository.ReadLines(f).Select((line, i) => (Where: $"{f}:{i + 1}", Line: line)))
            .Where(l => MachineFolder().IsMatch(l.Line));

        Assert.That(named, Is.Empty);
    }

    /// <summary>The set-up of such a folder starts a server, also for a test that needs none, and the unit tests run where there is no server yet.</summary>
    [Test]
    public void Every_test_in_a_folder_of_server_tests_is_an_integration_test()
    {
        var fixtures = Repository.SourceFiles
            .Where(f => f.StartsWith("tests/", StringComparison.Ordinal) && f.Contains("/Server/", StringComparison.Ordinal))
            .SelectMany(f => Repository.ReadLines(f).Where(l => l.StartsWith("[TestFixture", StringComparison.Ordinal)).Select(l => (File: f, Line: l)))
            .ToList();

        Assert.That(fixtures, Is.Not.Empty);
        Assert.That(fixtures.Where(f => !f.Line.Contains("Category(\"Integration\")", StringComparison.Ordinal)), Is.Empty);
    }

    /// <summary>operator/AiDc.Api/V1Alpha1/X.cs is in AiDc.Api.V1Alpha1.</summary>
    private static string FolderNamespace(string file) => string.Join('.', Path.GetDirectoryName(file)!.Split('/').Skip(1));

    [GeneratedRegex(@"^namespace ([\w.]+);")]
    private static partial Regex Namespace();

    // The class around the first letter keeps this line from finding itself.
    [GeneratedRegex(@"(?<![\w.$}~-])/([h]ome/[a-z]|[U]sers/[a-z]|[w]ork/|[r]oot/)|\.\./[s]hared/")]
    private static partial Regex MachineFolder();
}
