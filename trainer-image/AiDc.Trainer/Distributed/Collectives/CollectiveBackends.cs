using TorchSharp;
using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>Which library serves which device.</summary>
public static class CollectiveBackends
{
    /// <summary>NCCL for tensors on an NVIDIA GPU, Gloo for those in main memory.</summary>
    /// <param name="variable">Environment variables: see <see cref="ListenAddress"/>; NCCL reads its own (NCCL_SOCKET_IFNAME and others).</param>
    /// <exception cref="ConfigurationException">The address to listen on is given and is not there.</exception>
    public static ICollectiveBackend For(Device device, Func<string, string?> variable) =>
        device.type == DeviceType.CUDA
            ? new NcclBackend(Math.Max(0, device.index), TimeProvider.System)
            : new GlooBackend(ListenAddress.Find(variable));
}
