using System.Security.Cryptography;
using System.Text;

namespace AiDc.Trainer.Tensors;

/// <summary>Tells whether two models have the same bits.</summary>
public static class WeightsHash
{
    /// <returns>SHA-256 over names and data in the order of the names, in lower-case hex.</returns>
    public static string Of(IReadOnlyList<HostTensor> weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in weights.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name));
            hash.AppendData(tensor.Data);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
