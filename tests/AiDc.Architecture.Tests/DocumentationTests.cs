using System.Text.RegularExpressions;

namespace AiDc.Architecture.Tests;

/// <summary>The pages that list what the code has are held against the code.</summary>
public sealed partial class DocumentationTests
{
    [Test]
    public void Every_metric_is_in_the_docs_and_the_docs_name_no_other()
    {
        var made = Repository.ProductSourceFiles
            .SelectMany(f => Instrument().Matches(string.Join('\n', Repository.ReadLines(f))))
            .Select(m => "aidc_" + m.Groups["name"].Value).Distinct().Order().ToArray();
        var documented = Repository.ReadLines("docs/metrics.md").Where(l => l.StartsWith("| `aidc_", StringComparison.Ordinal))
            .Select(l => Metric().Match(l).Value).Order().ToArray();

        Assert.That(made, Is.Not.Empty);
        Assert.That(documented, Is.EqualTo(made));
    }

    [Test]
    public void Every_option_of_the_trainer_is_in_the_docs_and_the_docs_name_no_other()
    {
        var made = Repository.ProductSourceFiles.Where(f => f.StartsWith("trainer-image/AiDc.Trainer/Cli/", StringComparison.Ordinal))
            .SelectMany(f => Option().Matches(string.Join('\n', Repository.ReadLines(f))))
            .Select(m => m.Groups["name"].Value).Distinct().Order().ToArray();
        var documented = Repository.ReadLines("docs/trainer.md").Where(l => l.StartsWith("| `--", StringComparison.Ordinal))
            .SelectMany(l => Flag().Matches(l.Split('|')[1])).Select(m => m.Value).Distinct().Order().ToArray();

        Assert.That(made, Is.Not.Empty);
        Assert.That(documented, Is.EqualTo(made));
    }

    [Test]
    public void Links_between_pages_lead_to_files_that_are_there()
    {
        var dead =
            from page in Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal))
            from match in Link().Matches(string.Join('\n', Repository.ReadLines(page)))
            let target = match.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal)
            let path = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(page) ?? "", target))
            where !File.Exists(path) && !Directory.Exists(path)
            select $"{page}: {target}";

        Assert.That(dead, Is.Empty);
    }

    [GeneratedRegex("""Create(Counter|Histogram|UpDownCounter|Gauge|ObservableGauge|ObservableCounter)(<\w+>)?\(\s*"(?<name>[a-z_]+)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Instrument();

    [GeneratedRegex("aidc_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("""Options\.\w+(<[^>]*>)?\("(?<name>--[a-z0-9-]+)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Option();

    [GeneratedRegex("--[a-z0-9-]+")]
    private static partial Regex Flag();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
