using System.Globalization;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Operator.Serving.Builders;

/// <summary>Renders a service's spec as the command line of <c>aidc-trainer serve</c>.</summary>
public static class ServerArguments
{
    public static IReadOnlyList<string> Of(InferenceService service, ResolvedModel model)
    {
        var arguments = new List<string> { "serve" };
        void Add(string name, object value) => arguments.AddRange([name, Convert.ToString(value, CultureInfo.InvariantCulture)!]);

        var spec = service.Spec;
        var place = ModelPlace.Of(model);
        Add("--model", place.Path);
        Add("--format", model.Spec.Format);
        Add("--name", model.Spec.Name ?? service.Metadata.Name);
        if (model.Spec.Sha256 is { } sum) Add("--sha256", sum.ToLowerInvariant());
        foreach (var input in model.Spec.Inputs ?? []) Add("--input", Input(input));
        if (place.Mounted is null) Add("--cache", ServingPaths.Cache);
        Add("--http-port", ServingPaths.HttpPort);
        Add("--grpc-port", ServingPaths.GrpcPort);
        Add("--max-batch", spec.Batching.MaxSize);
        Add("--max-batch-latency", Milliseconds(spec.Batching.MaxLatency));
        Add("--concurrency", spec.Limits.Concurrency);
        Add("--queue", spec.Limits.Queue);
        Add("--timeout", Milliseconds(spec.Limits.Timeout));
        if (spec.RequestLog is { } log)
        {
            Add("--request-log-rate", log.SampleRate);
            if (log.Payloads) arguments.Add("--request-log-payloads");
        }
        return arguments;
    }

    private static string Input(TensorSpec input) =>
        $"{input.Name}:{input.Datatype}:{string.Join(',', input.Shape.Select(d => d.ToString(CultureInfo.InvariantCulture)))}";

    /// <summary>In milliseconds, which every reader of durations knows; days it may not.</summary>
    private static string Milliseconds(string duration) =>
        GoDuration.Parse(duration).TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms";
}
