using AiDc.Trainer.Distributed;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AiDc.Trainer.Models;

/// <summary>
/// Blocks of (3x3 convolution, optional batch norm, 2x2 max pooling, ReLU), then dense - ReLU - dropout - dense.
/// Names of parameters are part of the format of checkpoints and bundles: <c>conv1.weight</c>, <c>norm1.running_mean</c>, <c>dense1.bias</c>, ...
/// </summary>
public sealed class ImageClassifier : Module<Tensor, Tensor>
{
    private readonly Conv2d[] _convolutions;
    private readonly BatchNorm2d[] _norms;
    private readonly Linear _hidden;
    private readonly Dropout? _dropout;
    private readonly Linear _output;

    internal ImageClassifier(ModelSpec spec, NetworkShape shape) : base(spec.Name)
    {
        var filters = shape.Filters;
        Spec = spec;
        Padding = shape.Padding;
        _convolutions = new Conv2d[filters.Length];
        _norms = new BatchNorm2d[spec.BatchNorm ? filters.Length : 0];
        var (channels, height, width) = (spec.Channels, spec.Height, spec.Width);
        for (var i = 0; i < filters.Length; i++)
        {
            // A bias before batch norm has no effect: the norm subtracts it again.
            _convolutions[i] = Conv2d(channels, filters[i], NetworkShape.Kernel, padding: shape.Padding, bias: !spec.BatchNorm);
            register_module($"conv{i + 1}", _convolutions[i]);
            if (spec.BatchNorm)
            {
                _norms[i] = BatchNorm2d(filters[i]);
                register_module($"norm{i + 1}", _norms[i]);
            }

            (channels, height, width) = (filters[i], shape.SideAfter(height), shape.SideAfter(width));
        }

        _hidden = Linear((long)channels * height * width, shape.Hidden);
        register_module("dense1", _hidden);
        _dropout = spec.Dropout > 0 ? Dropout(spec.Dropout) : null;
        if (_dropout is not null) register_module("dropout", _dropout);
        _output = Linear(shape.Hidden, spec.Classes);
        register_module("dense2", _output);
    }

    public ModelSpec Spec { get; }

    /// <summary>In training, batch norm over the samples of all ranks; null for each rank's own.</summary>
    internal SharedStatistics? Statistics { get; set; }

    /// <summary>
    /// In training, called in the middle of backward: the gradients of the parameter of that place among all, and of those after it, are
    /// whole. It must not throw. Null for nobody.
    /// </summary>
    internal Action<int>? BackwardReached { get; set; }

    /// <param name="input">float32 [B, Channels, Height, Width].</param>
    /// <returns>Logits, float32 [B, Classes].</returns>
    public override Tensor forward(Tensor input)
    {
        var x = input;
        for (var i = 0; i < _convolutions.Length; i++)
        {
            x = _convolutions[i].call(Tapped(x, i * ParametersInBlock));
            if (_norms.Length > 0) x = Normalise(_norms[i], x);
            // ReLU after the pooling: the same values, since both keep the order, at a quarter of the work.
            x = functional.relu(functional.max_pool2d(x, 2), inplace: true);
        }

        var hidden = _convolutions.Length * ParametersInBlock;
        x = functional.relu(_hidden.call(Tapped(x.flatten(1), hidden)), inplace: true);
        if (_dropout is not null) x = _dropout.call(x);
        return _output.call(Tapped(x, hidden + 2));
    }

    /// <summary>
    /// The convolutions as they are in evaluation, with the batch norm behind each in its weights and bias: y = (w x - mean) g / s + b is
    /// one convolution. New tensors, float32.
    /// </summary>
    internal IEnumerable<(Tensor Weight, Tensor Bias)> FoldedConvolutions()
    {
        for (var i = 0; i < _convolutions.Length; i++)
        {
            var weight = _convolutions[i].weight;
            if (_norms.Length == 0)
            {
                yield return (weight.detach().clone(), _convolutions[i].bias!.detach().clone());
                continue;
            }

            var norm = _norms[i];
            var scale = norm.weight!.detach() / (norm.running_var! + norm.eps).sqrt();
            yield return (weight.detach() * scale.reshape(-1, 1, 1, 1), norm.bias!.detach() - (norm.running_mean! * scale));
        }
    }

    /// <summary>Weight and bias of the dense layers, the parameters themselves.</summary>
    internal IEnumerable<(Tensor Weight, Tensor Bias)> DenseLayers() => [(_hidden.weight!, _hidden.bias!), (_output.weight!, _output.bias!)];

    /// <summary>Pixels around the input of each convolution.</summary>
    internal int Padding { get; }

    /// <summary>A convolution's weight with its bias, or with the weight and bias of its norm.</summary>
    private int ParametersInBlock => Spec.BatchNorm ? 3 : 2;

    private Tensor Tapped(Tensor x, int parameter) =>
        BackwardReached is { } reached ? BackwardTap.At(x, () => reached(parameter)) : x;

    private Tensor Normalise(BatchNorm2d norm, Tensor x) =>
        training && Statistics is { } statistics ? SharedBatchNorm.Apply(x, norm, statistics) : norm.call(x);
}
