using System.Runtime.InteropServices;
using System.Text;
using AiDc.Trainer.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AiDc.Trainer.Serving.Models;

/// <summary>
/// An image classifier out of a bundle. Input: <c>image</c>, FP32 [-1, Channels, Height, Width], normalised as model.json says. Outputs:
/// <c>logits</c>, FP32 [-1, Classes], and <c>label</c>, BYTES [-1], the name of the class with the largest logit.
/// </summary>
internal sealed class BundledClassifier : IServedModel
{
    public const string InputName = "image";

    private readonly ImageClassifier _network;
    private readonly BlockedClassifier? _blocked;
    private readonly Device _device;
    private readonly byte[][] _labels;

    private BundledClassifier(string name, ModelManifest manifest, ImageClassifier network, Device device)
    {
        (_network, _device) = (network, device);
        _blocked = device.type == DeviceType.CPU ? new(network) : null;
        _labels = [.. manifest.Classes.Select(Encoding.UTF8.GetBytes)];
        var spec = manifest.Architecture;
        Metadata = new(
            name, ["1"], "aidc_torch",
            [new(InputName, Datatype.Fp32, [-1, spec.Channels, spec.Height, spec.Width])],
            [new("logits", Datatype.Fp32, [-1, spec.Classes]), new("label", Datatype.Bytes, [-1])])
        {
            Classes = manifest.Classes,
        };
        Images = new(InputName, new ImageInput(InputName, spec, manifest.Normalization).Decode);
    }

    public ModelMetadata Metadata { get; }

    public InputPreprocessing? Images { get; }

    /// <param name="place">Where the bundle came from, for messages.</param>
    /// <exception cref="InvalidFileException">The weights do not fit the architecture.</exception>
    public static BundledClassifier Load(string name, ModelBundle bundle, string place, Device device) =>
        new(name, bundle.Manifest, BundledModel.Load(bundle, place, device), device);

    public void Check(IReadOnlyList<TensorValue> inputs) => InputRules.Check(Metadata, inputs);

    public IReadOnlyList<TensorValue> Run(IReadOnlyList<TensorValue> inputs)
    {
        var input = InputRules.Check(Metadata, inputs)[0];
        if (input.Shape[0] == 0) return [new("logits", Datatype.Fp32, [0, _labels.Length], ReadOnlyMemory<byte>.Empty), StringTensor.Create("label", [0], (string[])[])];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var images = TorchTensors.ToTorch(input, _device);
        var logits = TorchTensors.FromTorch("logits", _blocked is { } blocked ? blocked.Call(images) : _network.call(images));
        return [logits, StringTensor.Create("label", [input.Shape[0]], Labels(logits.Data))];
    }

    public void Dispose()
    {
        _blocked?.Dispose();
        _network.Dispose();
    }

    private IEnumerable<ReadOnlyMemory<byte>> Labels(ReadOnlyMemory<byte> logits)
    {
        var row = _labels.Length * sizeof(float);
        for (var at = 0; at < logits.Length; at += row)
            yield return _labels[Largest(MemoryMarshal.Cast<byte, float>(logits.Span.Slice(at, row)))];
    }

    private static int Largest(ReadOnlySpan<float> values)
    {
        var largest = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[largest]) largest = i;
        }

        return largest;
    }
}
