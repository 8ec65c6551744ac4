using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Configuration;

/// <summary>Fills what the pod knows about itself and its surroundings where nothing was set.</summary>
internal sealed class GatewayOptionsDefaults(IConfiguration configuration) : IPostConfigureOptions<GatewayOptions>
{
    public void PostConfigure(string? name, GatewayOptions options)
    {
        options.PodName = FirstOf(options.PodName, configuration["POD_NAME"], Environment.MachineName.ToLowerInvariant());
        options.PodUid = FirstOf(options.PodUid, configuration["POD_UID"], RandomNumberGenerator.GetHexString(16, lowercase: true));
        // Kubernetes puts every Service of the namespace into the environment, so that no DNS is needed.
        if (options.OperatorAddress.Length == 0 && configuration["AIDC_OPERATOR_SERVICE_HOST"] is { Length: > 0 } host
            && configuration["AIDC_OPERATOR_SERVICE_PORT_COORDINATOR"] is { Length: > 0 } port)
            options.OperatorAddress = host.Contains(':', StringComparison.Ordinal) ? $"https://[{host}]:{port}" : $"https://{host}:{port}";
    }

    private static string FirstOf(params string?[] candidates) => candidates.First(c => !string.IsNullOrWhiteSpace(c))!.Trim();
}
