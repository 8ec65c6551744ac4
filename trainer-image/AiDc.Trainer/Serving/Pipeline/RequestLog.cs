using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Pipeline;

/// <summary>A line for a share of the requests: what was asked, what came of it, and where the time went. Bodies only where that is wanted.</summary>
/// <param name="rate">From 0 to 1.</param>
/// <param name="chance">From 0 up to 1, for many threads.</param>
internal sealed class RequestLog(JsonLog log, double rate, Func<double> chance, TimeProvider time)
{
    private const int LongestPayload = 64 << 10;

    public bool Samples() => rate > 0 && chance() < rate;

    public void Write(RequestScope scope, int code, TimeSpan elapsed) => log.Write("info", "request", line =>
    {
        line["protocol"] = scope.Protocol.ToString().ToLowerInvariant();
        if (scope.Id is not null) line["id"] = scope.Id;
        line["code"] = code;
        if (scope.Error is not null) line["error"] = scope.Error;
        if (scope.Inputs is { } inputs) line["inputs"] = new JsonArray([.. inputs.Select(i => (JsonNode)Describe(i))]);
        line["seconds"] = Seconds(elapsed);
        if (scope.Outcome is { } outcome)
        {
            line["queueSeconds"] = Seconds(time.GetElapsedTime(0, outcome.QueueTicks));
            line["computeSeconds"] = Seconds(time.GetElapsedTime(0, outcome.ComputeTicks));
            line["batchSize"] = outcome.BatchRows;
        }

        if (scope.RequestPayload is { } request) line["request"] = Text(request);
        if (scope.ResponsePayload is { } response) line["response"] = Text(response);
    });

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 6);

    private static string Describe(TensorValue input) => $"{input.Name} {input.Datatype.NameOf()} [{string.Join(", ", input.Shape)}]";

    /// <summary>As it is where it is text, else in base64; cut where it is long.</summary>
    private static string Text(byte[] payload)
    {
        var shown = payload.AsSpan(0, Math.Min(payload.Length, LongestPayload));
        var text = Utf8.IsValid(shown) ? Encoding.UTF8.GetString(shown) : Convert.ToBase64String(shown);
        return payload.Length > LongestPayload ? $"{text}… ({payload.Length} bytes)" : text;
    }
}
