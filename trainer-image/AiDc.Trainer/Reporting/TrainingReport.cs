using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiDc.Trainer.Reporting;

/// <summary>The flat JSON object of --report: the figures and the metrics side by side.</summary>
public static class TrainingReport
{
    public static void Write(Stream stream, TrainingFigures figures, IReadOnlyDictionary<string, double> metrics)
    {
        var report = JsonSerializer.SerializeToNode(figures, Json.File)!.AsObject();
        foreach (var (name, value) in metrics) report[name] = JsonValue.Create(value);
        JsonSerializer.Serialize(stream, report, Json.File);
    }
}
