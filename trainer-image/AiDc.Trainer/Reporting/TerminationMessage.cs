using System.Text.Json;

namespace AiDc.Trainer.Reporting;

/// <summary>The result as the container's termination message: how it reaches the operator even if no connection to it was ever up.</summary>
public static class TerminationMessage
{
    /// <summary>Kubernetes keeps 4096 bytes.</summary>
    public const int MaximumBytes = 4000;

    /// <summary>One JSON object: {"result":{"uri":…,"metrics":{…}}}. Metrics that do not fit are left out, from the last by name.</summary>
    public static byte[] Render(TrainingResult result)
    {
        var metrics = new SortedDictionary<string, double>(result.Metrics.Where(m => double.IsFinite(m.Value)).ToDictionary(), StringComparer.Ordinal);
        while (true)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(new { Result = new { Uri = result.Path, Metrics = metrics } }, Json.Line);
            if (bytes.Length <= MaximumBytes || metrics.Count == 0) return bytes;
            metrics.Remove(metrics.Keys.Last());
        }
    }

    /// <summary>A message that cannot be written is no reason to fail: the result is on disk already.</summary>
    /// <returns>What went wrong; null when it was written.</returns>
    public static string? TryWrite(string file, TrainingResult result)
    {
        try
        {
            File.WriteAllBytes(file, Render(result));
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{file}: the termination message could not be written ({error.Message})";
        }
    }
}
