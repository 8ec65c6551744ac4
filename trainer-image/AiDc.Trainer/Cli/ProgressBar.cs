using AiDc.Coordination.Values;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Cli;

/// <summary>Draws one line of progress.</summary>
public static class ProgressBar
{
    private const int BarWidth = 24;

    /// <param name="width">Most columns that it may take.</param>
    public static string Render(TrainingProgress p, int width)
    {
        if (p.Phase == TrainingPhase.Loading) return p.Metrics.TryGetValue(LoadingProgress.Metric, out var loaded) ? $"reading the data… {Math.Floor(loaded * 100):0}%" : "reading the data…";
        var share = p.TotalSteps > 0 ? Math.Clamp((double)p.Step / p.TotalSteps, 0, 1) : 0;
        var full = (int)(share * BarWidth);
        var parts = new List<string>
        {
            $"{new string('█', full)}{new string('░', BarWidth - full)} {Math.Floor(share * 100),3:0}%",
            p.Phase == TrainingPhase.Training ? $"epoch {p.Epoch}/{p.Epochs}" : p.Phase == TrainingPhase.Validating ? $"validating epoch {p.Epoch}" : "testing",
            $"step {p.Step}/{p.TotalSteps}",
        };
        if (double.IsFinite(p.Loss)) parts.Add($"loss {p.Loss:0.0000}");
        parts.AddRange(p.Metrics.Where(m => m.Key.EndsWith("ccuracy", StringComparison.Ordinal)).Select(m => $"{m.Key} {m.Value:0.0000}"));
        if (p.SamplesPerSecond > 0) parts.Add($"{p.SamplesPerSecond:0} samples/s");
        if (p.Eta is { } eta) parts.Add($"eta {Duration.Format(eta)}");
        var line = string.Join("  ", parts);
        return line.Length <= width ? line : line[..Math.Max(0, width)];
    }
}
