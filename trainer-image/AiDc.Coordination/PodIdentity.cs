using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using AiDc.Api;

namespace AiDc.Coordination;

/// <summary>Which pod this is, as the leader names it.</summary>
internal static class PodIdentity
{
    /// <summary>The uid from AIDC_POD_UID, or from the projected token, which the API server bound to the pod; null where neither tells.</summary>
    public static string? Uid(Func<string, string?> variable, string tokenFile) => variable(PodVariables.PodUid) ?? OfToken(tokenFile);

    private static string? OfToken(string file)
    {
        try
        {
            var parts = File.ReadAllText(file).Trim().Split('.');
            if (parts.Length != 3)
                return null;
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromUtf8(Encoding.UTF8.GetBytes(parts[1])));
            return claims.RootElement.TryGetProperty("kubernetes.io", out var kubernetes) && kubernetes.TryGetProperty("pod", out var pod)
                && pod.TryGetProperty("uid", out var uid) ? uid.GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
