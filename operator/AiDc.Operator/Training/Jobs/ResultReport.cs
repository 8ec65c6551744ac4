using System.Text.Json;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Training.Jobs;

/// <summary>
/// Makes status.result from the termination message of worker 0: a line of JSON, <c>{"result":{"uri":…,"metrics":{…}}}</c>.
/// Anything else in it is no result and no error: an image of one's own need not know of it.
/// </summary>
public static class ResultReport
{
    public static ResultStatus? Of(JobView view)
    {
        // Of a distributed gang whoever has rank 0 at the end writes it.
        var result = view.Workers.Where(w => w.Pod is not null && (w.Index == 0 || view.IsDistributed))
            .Select(w => Parse(Ended(view, w.Pod!)?.Message)).FirstOrDefault(r => r is not null);
        if (result is not null)
            return result with { Uri = result.Uri is { } path ? CheckpointPath.ToUri(view.Spec, path) : null };
        return view.Snapshot.Progress?.Finished is { } finished
            ? new() { Uri = CheckpointPath.ToUri(view.Spec, finished.ResultPath), Metrics = finished.Metrics }
            : null;
    }

    /// <summary>Whether the pod's worker has left a result.</summary>
    public static bool IsIn(JobView view, ObservedPod pod) => Parse(Ended(view, pod)?.Message) is not null;

    private static ObservedContainer? Ended(JobView view, ObservedPod pod) =>
        pod.Containers.FirstOrDefault(c => c.Name == view.WorkerContainer && c.Phase == ContainerPhase.Terminated);

    private static ResultStatus? Parse(string? message)
    {
        if (string.IsNullOrWhiteSpace(message)) return null;
        try
        {
            using var document = JsonDocument.Parse(message);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Object) return null;
            return new()
            {
                Uri = result.TryGetProperty("uri", out var uri) && uri.ValueKind == JsonValueKind.String ? uri.GetString() : null,
                Metrics = result.TryGetProperty("metrics", out var metrics) && metrics.ValueKind == JsonValueKind.Object ? Numbers(metrics) : null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Dictionary<string, double> Numbers(JsonElement metrics) => metrics.EnumerateObject()
        .Where(p => p.Value.ValueKind == JsonValueKind.Number && p.Value.TryGetDouble(out var number) && double.IsFinite(number))
        .GroupBy(p => p.Name)
        .ToDictionary(g => g.Key, g => g.Last().Value.GetDouble());
}
