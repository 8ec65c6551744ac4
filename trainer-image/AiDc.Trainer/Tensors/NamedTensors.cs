using static TorchSharp.torch;

namespace AiDc.Trainer.Tensors;

/// <summary>Moves whole sets of named tensors between torch and managed memory.</summary>
public static class NamedTensors
{
    public static IReadOnlyList<HostTensor> Copy(IReadOnlyDictionary<string, Tensor> tensors) => [.. tensors.Select(t => HostTensor.Copy(t.Key, t.Value))];

    /// <summary>Overwrites every target by the tensor of its name.</summary>
    /// <param name="path">Where the tensors came from, for messages.</param>
    /// <exception cref="InvalidFileException">One is missing, is too much, or has another type or shape.</exception>
    public static void Load(IReadOnlyDictionary<string, Tensor> targets, IReadOnlyList<HostTensor> tensors, string path)
    {
        var byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var (name, target) in targets)
        {
            if (!byName.Remove(name, out var tensor)) throw new InvalidFileException(path, $"tensor {name} is missing");
            tensor.CopyTo(target, path);
        }

        if (byName.Count > 0) throw new InvalidFileException(path, $"tensor {byName.Keys.Order(StringComparer.Ordinal).First()} is unknown here");
    }
}
