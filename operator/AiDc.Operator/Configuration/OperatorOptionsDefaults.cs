using Microsoft.Extensions.Options;

namespace AiDc.Operator.Configuration;

/// <summary>Fills what the pod knows about itself (the downward API's POD_* variables, the service account's files) where nothing was set.</summary>
internal sealed class OperatorOptionsDefaults(IConfiguration configuration) : IPostConfigureOptions<OperatorOptions>
{
    internal const string ServiceAccountNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    public void PostConfigure(string? name, OperatorOptions options)
    {
        options.Namespace = FirstOf(options.Namespace, configuration["POD_NAMESPACE"], NamespaceOfServiceAccount(), "default");
        options.PodName = FirstOf(options.PodName, configuration["POD_NAME"], Environment.MachineName.ToLowerInvariant());
        options.PodIP = FirstOf(options.PodIP, configuration["POD_IP"], "127.0.0.1");
    }

    private static string FirstOf(params string?[] candidates) => candidates.First(c => !string.IsNullOrWhiteSpace(c))!.Trim();

    private static string? NamespaceOfServiceAccount() =>
        File.Exists(ServiceAccountNamespaceFile) ? File.ReadAllText(ServiceAccountNamespaceFile) : null;
}
