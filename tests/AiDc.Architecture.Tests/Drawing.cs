namespace AiDc.Architecture.Tests;

/// <summary>The arrows that docs/design.md draws between the rooms of a product: a block of mermaid that says whose they are.</summary>
internal static class Drawing
{
    public static IEnumerable<(string From, string To)> Of(string product)
    {
        var lines = Repository.ReadLines("docs/design.md")
            .SkipWhile(l => l.Trim() != $"%% the rooms of {product}").TakeWhile(l => l != "```")
            .Select(l => l.Trim().Split(" --> ")).Where(l => l.Length == 2);
        foreach (var line in lines)
            foreach (var to in line[1].Split(" & "))
                yield return (line[0], to);
    }
}
