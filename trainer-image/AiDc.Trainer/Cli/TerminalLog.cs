using AiDc.Api;
using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Cli;

/// <summary>A progress bar that stays on one line, and a line for each thing worth keeping above it.</summary>
/// <param name="width">Columns of the terminal.</param>
public sealed class TerminalLog(TextWriter output, TextWriter error, int width) : ILineLog
{
    private const string EraseLine = "\r\u001b[K";

    private readonly Lock _lock = new();
    private string _bar = "";

    public void Report(TrainingProgress progress)
    {
        var bar = ProgressBar.Render(progress, width - 1);
        lock (_lock)
        {
            output.Write(EraseLine + bar);
            _bar = bar;
        }
    }

    public void EpochEnded(EpochSummary epoch) =>
        Line($"epoch {epoch.Epoch}/{epoch.Epochs}  {string.Join("  ", epoch.Metrics.Select(m => $"{m.Key} {m.Value:0.0000}"))}");

    public void CheckpointSaved(CheckpointInfo checkpoint) =>
        Line($"checkpoint at step {checkpoint.Step} in {checkpoint.Duration.TotalSeconds:0.00} s: {checkpoint.Path}");

    public void Finished(TrainingResult result)
    {
        lock (_lock) _bar = "";
        Line($"result in {result.Path}");
        foreach (var (name, value) in result.Metrics) Line($"  {name} {value:0.####}");
    }

    public void Note(TrainingNote note) => Line(note.Level == "info" ? note.Message : $"{note.Level}: {note.Message}");

    public void Failed(int exitCode, string message, string? detail)
    {
        lock (_lock)
        {
            output.Write(_bar.Length > 0 ? Environment.NewLine : "");
            _bar = "";
            output.Flush();
            if (detail is not null) error.WriteLine(detail);
            error.WriteLine(exitCode >= ExitCodes.Interrupted ? message : $"error: {message}");
        }
    }

    private void Line(string text)
    {
        lock (_lock) output.Write(EraseLine + text + Environment.NewLine + _bar);
    }
}
