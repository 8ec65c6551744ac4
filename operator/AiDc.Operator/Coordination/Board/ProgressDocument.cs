using System.Text.Json;

namespace AiDc.Operator.Coordination.Board;

/// <summary>
/// The JSON that own images PUT: <c>{"epoch":1,"epochs":10,"step":5,"totalSteps":50,"loss":0.3,"metrics":{"accuracy":0.9},"samplesPerSecond":900}</c>,
/// every field optional. Pure.
/// </summary>
internal static class ProgressDocument
{
    /// <summary>Reads a document, or says which field is wrong and what it may be.</summary>
    public static (TrainingProgress? Progress, string? Problem) Read(ReadOnlyMemory<byte> body, int workerIndex, DateTimeOffset now)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
        }
        catch (JsonException e)
        {
            return (null, $"the body is not JSON: {e.Message}");
        }
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, "the body must be a JSON object, such as {\"step\": 10, \"totalSteps\": 100, \"loss\": 0.5}");
            return Read(document.RootElement, new TrainingProgress { WorkerIndex = workerIndex, UpdatedAt = now });
        }
    }

    private static (TrainingProgress? Progress, string? Problem) Read(JsonElement root, TrainingProgress progress)
    {
        foreach (var field in root.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Null)
                continue;
            (TrainingProgress? Next, string Expected) read = field.Name switch
            {
                "epoch" => (Int(field) is { } n ? progress with { Epoch = n } : null, "a whole number from 0"),
                "epochs" => (Int(field) is { } n ? progress with { Epochs = n } : null, "a whole number from 0"),
                "step" => (Long(field) is { } n ? progress with { Step = n, StepDone = n > 0 } : null, "a whole number from 0"),
                "totalSteps" => (Long(field) is { } n ? progress with { TotalSteps = n } : null, "a whole number from 0"),
                "loss" => (Number(field.Value) is { } x ? progress with { Loss = x } : null, "a finite number"),
                "samplesPerSecond" => (Number(field.Value) is >= 0 and var x ? progress with { SamplesPerSecond = x } : null, "a finite number from 0"),
                "metrics" => ReadMetrics(field.Value, progress),
                _ => (null, "left out: known are epoch, epochs, step, totalSteps, loss, metrics, samplesPerSecond"),
            };
            if (read.Next is null)
                return (null, $"{Shown(field.Name)} must be {read.Expected}");
            progress = read.Next;
        }
        return (progress, null);
    }

    private static (TrainingProgress? Next, string Expected) ReadMetrics(JsonElement value, TrainingProgress progress)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return (null, "an object of names and finite numbers");
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var metric in value.EnumerateObject())
        {
            if (!ReportLimits.MetricName().IsMatch(metric.Name))
                return (null, $"named by letters, digits, '_', '.', '/' and '-', at most 64 of them; {Shown(metric.Name)} is not");
            if (Number(metric.Value) is not { } number)
                return (null, $"an object of finite numbers; {Shown(metric.Name)} is not one");
            metrics[metric.Name] = number;
            if (metrics.Count > ReportLimits.Metrics)
                return (null, $"an object of at most {ReportLimits.Metrics} names");
        }
        return (progress with { Metrics = metrics }, "");
    }

    private static int? Int(JsonProperty field) =>
        field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt32(out var n) && n is >= 0 and <= ReportLimits.MostEpochs ? n : null;

    private static long? Long(JsonProperty field) =>
        field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt64(out var n) && n >= 0 ? n : null;

    private static double? Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var x) && double.IsFinite(x) ? x : null;

    private static string Shown(string name) => name.Length <= 64 ? $"'{name}'" : $"'{name[..64]}…'";
}
