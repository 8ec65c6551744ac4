using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace AiDc.Benchmarks;

/// <summary>The named figures of one benchmark: printed as a table, written to artifacts/bench/&lt;name&gt;.json as one flat object.</summary>
internal sealed class Figures(string name)
{
    private readonly JsonObject values = [];

    public void Set(string figure, double value)
    {
        values[figure] = Math.Round(value, value is > -10 and < 10 ? 4 : 1);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {figure,-36} [bold]{values[figure]}[/]");
    }

    public void Set(string figure, string value)
    {
        values[figure] = value;
        AnsiConsole.MarkupLineInterpolated($"  {figure,-36} {value}");
    }

    /// <summary>Written whole or not at all: a run that fails half-way leaves the figures of the last good one.</summary>
    public void Write(string root)
    {
        foreach (var (key, value) in Machine.Facts(root))
            values[key] = value;
        var folder = Path.Combine(root, "artifacts", "bench");
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, name + ".json");
        File.WriteAllText(file + ".tmp", values.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        File.Move(file + ".tmp", file, overwrite: true);
        AnsiConsole.MarkupLineInterpolated($"[grey]written to {Path.GetRelativePath(root, file)}[/]");
    }
}
