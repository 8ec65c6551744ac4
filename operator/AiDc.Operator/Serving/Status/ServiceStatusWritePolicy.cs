using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Json;

namespace AiDc.Operator.Serving.Status;

/// <summary>Decides whether a changed status is written now. All goes at once, but the figures of a canary, which change with every request.</summary>
public static class ServiceStatusWritePolicy
{
    /// <returns>Zero: now. Null: there is nothing to write.</returns>
    public static TimeSpan? WriteIn(ServiceView view, InferenceServiceStatus next)
    {
        if (Same(view.Status, next)) return null;
        if (!Same(WithoutFigures(view.Status), WithoutFigures(next)) || view.Snapshot.LastWrite is not { } last) return TimeSpan.Zero;
        var due = last + view.Options.FiguresEvery - view.Now;
        return due > TimeSpan.Zero ? due : TimeSpan.Zero;
    }

    private static bool Same(InferenceServiceStatus a, InferenceServiceStatus b) =>
        ReferenceEquals(a, b) || RuntimeJson.ToUtf8(a).AsSpan().SequenceEqual(RuntimeJson.ToUtf8(b));

    private static InferenceServiceStatus WithoutFigures(InferenceServiceStatus status) => status with
    {
        Canary = status.Canary is { } canary ? canary with { Samples = null, ErrorRate = null, LatencyRatio = null, Message = null, Evidence = null } : null,
        Conditions = [.. status.Conditions.Select(c => c.Type == Api.ConditionTypes.Canary ? new() { Type = c.Type, Status = c.Status, Reason = c.Reason } : c)],
    };
}
