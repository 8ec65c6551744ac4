using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace AiDc.Benchmarks.Serving;

/// <summary>Calls ModelInfer over a few connections.</summary>
/// <param name="images">float32 [1, 1, 28, 28] each, sent in turn.</param>
internal sealed class GrpcLoad(IPEndPoint server, IReadOnlyList<float[]> images)
{
    private const int Channels = 4;

    private readonly ModelInferRequest[] _requests = [.. images.Select(Request)];

    /// <summary>Closed loop: each caller sends its next request as soon as it has the answer.</summary>
    public async Task<LoadResult> SaturateAsync(TimeSpan duration, int callers, CancellationToken ct)
    {
        var latencies = new Latencies(4_000_000);
        var channels = Enumerable.Range(0, Channels).Select(_ => GrpcChannel.ForAddress($"http://{server}")).ToArray();
        try
        {
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, callers).Select(i => LoopAsync(new(channels[i % Channels]), i, start, duration, latencies, ct)));
            return new(latencies, Stopwatch.GetElapsedTime(start).TotalSeconds, 0);
        }
        finally
        {
            foreach (var channel in channels) channel.Dispose();
        }
    }

    private async Task LoopAsync(
        GRPCInferenceService.GRPCInferenceServiceClient client, int first, long start, TimeSpan duration, Latencies latencies, CancellationToken ct)
    {
        for (var i = first; Stopwatch.GetElapsedTime(start) < duration && !ct.IsCancellationRequested; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            try
            {
                using var call = client.ModelInferAsync(_requests[i % _requests.Length], cancellationToken: ct);
                await call.ResponseAsync.ConfigureAwait(false);
                latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
            catch (RpcException error)
            {
                latencies.Fail(error.Status.ToString());
            }
        }
    }

    private static ModelInferRequest Request(float[] image)
    {
        var request = new ModelInferRequest { ModelName = "mnist" };
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor { Name = "image", Datatype = "FP32", Shape = { 1, 1, 28, 28 } });
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "logits" });
        request.RawInputContents.Add(ByteString.CopyFrom(MemoryMarshal.AsBytes(image.AsSpan())));
        return request;
    }
}
