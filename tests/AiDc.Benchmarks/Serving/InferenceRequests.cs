using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using AiDc.Trainer.Data;

namespace AiDc.Benchmarks.Serving;

/// <summary>Requests of the Open Inference Protocol v2 with one digit each, ready to be sent.</summary>
internal sealed class InferenceRequests(string data, Normalization normalization)
{
    private const int Different = 64;
    private const int Pixels = 28 * 28;

    private readonly float[][] _images = Read(data, normalization);

    /// <summary>[1, 1, 28, 28] each, normalised.</summary>
    public IReadOnlyList<float[]> Images => _images;

    /// <summary>A JSON header, then the values as they are in memory.</summary>
    public IReadOnlyList<byte[]> Binary(IPEndPoint server, string path = "/v2/models/mnist/infer") => [.. _images.Select(image =>
    {
        var header = Encoding.ASCII.GetBytes(
            """{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,28,28],"parameters":{"binary_data_size":3136}}],"outputs":[{"name":"logits"}]}""");
        return Message(server, path, $"Content-Type: application/octet-stream\r\nInference-Header-Content-Length: {header.Length}\r\n", [.. header, .. MemoryMarshal.AsBytes(image.AsSpan())]);
    })];

    /// <summary>All of it JSON.</summary>
    public IReadOnlyList<byte[]> Json(IPEndPoint server, string path = "/v2/models/mnist/infer") => [.. _images.Select(image => Message(
        server, path, "Content-Type: application/json\r\n", Encoding.ASCII.GetBytes(
            $$"""{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,28,28],"data":[{{string.Join(',', image.Select(v => v.ToString(CultureInfo.InvariantCulture)))}}]}],"outputs":[{"name":"logits"}]}""")))];

    private static byte[] Message(IPEndPoint server, string path, string headers, byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {server}\r\n{headers}Content-Length: {body.Length}\r\n\r\n"), .. body];

    private static float[][] Read(string data, Normalization normalization)
    {
        var images = ImageDataReader.Read(data, DataFormat.Idx, new());
        var digits = images.Test ?? images.Train;
        var (scale, shift) = PixelNormalizer.Factors(normalization.Mean[0], normalization.Std[0]);
        return [.. Enumerable.Range(0, Different).Select(i =>
        {
            var values = new float[Pixels];
            PixelNormalizer.Apply(digits.Image(i), values, scale, shift);
            return values;
        })];
    }
}
