using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AiDc.Trainer.Evaluation;

/// <summary>An evaluation for people and for programs.</summary>
public static class EvaluationReport
{
    /// <summary>{accuracy, loss, samples, classes: [{class, precision, recall, f1, support}], confusionMatrix: [actual][predicted]}.</summary>
    public static string Json(EvaluationResult result)
    {
        var confusion = result.Confusion;
        var indices = Enumerable.Range(0, confusion.Classes.Count).ToList();
        var scores = indices.Select(confusion.Score).ToList();
        var report = new
        {
            result.Accuracy,
            Loss = result.MeanLoss,
            Samples = confusion.Total,
            MacroF1 = scores.Average(s => s.F1),
            Classes = scores,
            ConfusionMatrix = indices.Select(actual => indices.Select(predicted => confusion[actual, predicted]).ToArray()).ToArray(),
        };
        return JsonSerializer.Serialize(report, AiDc.Trainer.Json.Line);
    }

    public static string Table(EvaluationResult result)
    {
        var confusion = result.Confusion;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"accuracy {result.Accuracy:0.0000}  loss {result.MeanLoss:0.0000}  samples {confusion.Total}");
        text.AppendLine();
        var indices = Enumerable.Range(0, confusion.Classes.Count).ToList();
        var scores = indices.Select(confusion.Score).ToList();
        Append(text, ["class", "precision", "recall", "f1", "support"], scores.Select(s => new[]
        {
            s.Class, Share(s.Precision), Share(s.Recall), Share(s.F1), s.Support.ToString(CultureInfo.InvariantCulture),
        }).Append(["mean", Share(scores.Average(s => s.Precision)), Share(scores.Average(s => s.Recall)), Share(scores.Average(s => s.F1)), ""]));
        text.AppendLine();
        text.AppendLine("confusion matrix: a row for each class that it is, a column for each that it was taken for");
        Append(text, ["", .. confusion.Classes], indices.Select(actual => (string[])
            [confusion.Classes[actual], .. indices.Select(predicted => confusion[actual, predicted].ToString(CultureInfo.InvariantCulture))]));
        return text.ToString();
    }

    private static string Share(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>The first column to the left, all others to the right.</summary>
    private static void Append(StringBuilder text, string[] header, IEnumerable<string[]> rows)
    {
        var lines = rows.Prepend(header).ToList();
        var widths = header.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            var cells = line.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
