using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace AiDc.Gateway.Admission;

/// <summary>Whose key a request carries.</summary>
internal static class ApiKeyPolicy
{
    public const string Header = "x-api-key";
    private const string Scheme = "Bearer ";
    private const int Longest = 4096;

    /// <summary>The key of <c>Authorization: Bearer</c> or of <c>x-api-key</c>; null where there is neither.</summary>
    public static string? Presented(StringValues authorization, StringValues header)
    {
        if (header is [{ Length: > 0 and <= Longest } key]) return key.Trim();
        return authorization is [{ Length: <= Longest } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? value[Scheme.Length..].Trim() : null;
    }

    /// <summary>All keys are compared, each in constant time: how long it takes says nothing about any of them.</summary>
    /// <returns>The client; null where nobody has this key.</returns>
    public static string? ClientOf(string presented, IReadOnlyList<ApiKey> keys)
    {
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(presented), sum);
        string? client = null;
        foreach (var key in keys)
            if (CryptographicOperations.FixedTimeEquals(sum, key.Sum)) client = key.Client;
        return client;
    }
}
