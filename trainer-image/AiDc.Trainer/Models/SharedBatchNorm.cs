using AiDc.Trainer.Distributed;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AiDc.Trainer.Models;

/// <summary>
/// Batch normalization (Ioffe and Szegedy, arXiv:1502.03167) in training over the samples of all ranks. Mean and variance in two passes: the
/// difference of large squares would lose what float32 has.
/// </summary>
internal static class SharedBatchNorm
{
    // torch's defaults, which the modules are made with.
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

    /// <param name="x">float32 [B, C, H, W]; B may be 0 on some ranks.</param>
    /// <param name="norm">Gives weight and bias, and takes the running statistics.</param>
    public static Tensor Apply(Tensor x, BatchNorm2d norm, SharedStatistics statistics)
    {
        var (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3]);
        var count = (double)statistics.Samples * height * width;
        // Held until the end: TorchSharp does not keep a number alive while native code reads it.
        using TorchSharp.Scalar number = count, epsilon = Epsilon;
        var mean = statistics.Sum(x.sum([0, 2, 3])).div(number);
        var centred = x - mean.view(1, channels, 1, 1);
        var variance = statistics.Sum(centred.square().sum([0, 2, 3])).div(number);
        Track(norm, mean, variance, count);
        return (centred * variance.add(epsilon).rsqrt().view(1, channels, 1, 1) * norm.weight!.view(1, channels, 1, 1)) + norm.bias!.view(1, channels, 1, 1);
    }

    private static void Track(BatchNorm2d norm, Tensor mean, Tensor variance, double count)
    {
        using var noGrad = no_grad();
        var unbiased = count > 1 ? count / (count - 1) : 1;
        using TorchSharp.Scalar old = 1 - Momentum, now = Momentum, nowUnbiased = Momentum * unbiased;
        norm.running_mean!.mul_(old).add_(mean.detach(), now);
        norm.running_var!.mul_(old).add_(variance.detach(), nowUnbiased);
    }
}
