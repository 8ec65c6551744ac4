using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Configuration;

/// <summary>Refuses settings that cannot work, each with its name, its environment variable and the fix.</summary>
internal sealed partial class OperatorOptionsValidator : IValidateOptions<OperatorOptions>
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    public ValidateOptionsResult Validate(string? name, OperatorOptions options)
    {
        var problems = Problems(options).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(OperatorOptions o)
    {
        if (!Label().IsMatch(o.Namespace))
            yield return Problem(nameof(o.Namespace), o.Namespace, "is not a namespace's name", "lower-case letters, digits and '-', at most 63");
        if (o.WatchNamespace.Length > 0 && !Label().IsMatch(o.WatchNamespace))
            yield return Problem(nameof(o.WatchNamespace), o.WatchNamespace, "is not a namespace's name", "one namespace, or nothing for all");
        if (!Subdomain().IsMatch(o.PodName) || o.PodName.Length > 253)
            yield return Problem(nameof(o.PodName), o.PodName, "is not a pod's name", "the pod's own name, from the downward API");
        if (!IPAddress.TryParse(o.PodIP, out _))
            yield return Problem(nameof(o.PodIP), o.PodIP, "is not an IP address", "the pod's own address, from the downward API");
        if (!Label().IsMatch(o.ServiceName))
            yield return Problem(nameof(o.ServiceName), o.ServiceName, "is not a Service's name", "the Service in front of the operator");
        if (string.IsNullOrWhiteSpace(o.TrainerImage))
            yield return Problem(nameof(o.TrainerImage), o.TrainerImage, "is empty", "the image of the built-in trainer, such as registry/aidc-trainer:0.1.0");
        if (!PullPolicies.Contains(o.TrainerImagePullPolicy, StringComparer.Ordinal))
            yield return Problem(nameof(o.TrainerImagePullPolicy), o.TrainerImagePullPolicy, "is not a pull policy", string.Join(", ", PullPolicies));
        if (!ResourceName().IsMatch(o.GpuResourceName))
            yield return Problem(nameof(o.GpuResourceName), o.GpuResourceName, "is not an extended resource", "a name such as nvidia.com/gpu");
        for (var i = 0; i < o.AllowedHostPaths.Count; i++)
            if (!IsPlainFolder(o.AllowedHostPaths[i]))
                yield return Problem($"{nameof(o.AllowedHostPaths)}:{i}", o.AllowedHostPaths[i], "is not an absolute folder", "a path such as /srv/aidc without '..'");
        if (o.Workers is < 1 or > 256)
            yield return Problem(nameof(o.Workers), o.Workers, "is out of range", "1 to 256");
        if (!Subdomain().IsMatch(o.GatewayServiceAccount) || o.GatewayServiceAccount.Length > 253)
            yield return Problem(nameof(o.GatewayServiceAccount), o.GatewayServiceAccount, "is not a service account's name", "the one that gateways run as");
        if (o.ModelCachePath.Length > 0 && !IsPlainFolder(o.ModelCachePath))
            yield return Problem(nameof(o.ModelCachePath), o.ModelCachePath, "is not an absolute folder", "a path such as /var/lib/aidc/models without '..', or nothing");
        foreach (var problem in AddressProblems(o))
            yield return problem;
    }

    private static IEnumerable<string> AddressProblems(OperatorOptions o)
    {
        if (o.MetricsPort is < 0 or > 65535)
            yield return Problem(nameof(o.MetricsPort), o.MetricsPort, "is not a port", "0 to 65535");
        if (o.CoordinatorPort is < 1 or > 65535)
            yield return Problem(nameof(o.CoordinatorPort), o.CoordinatorPort, "is not a port others can dial", "1 to 65535");
        if (o.MetricsPort == o.CoordinatorPort)
            yield return Problem(nameof(o.CoordinatorPort), o.CoordinatorPort, $"is {nameof(o.MetricsPort)} as well", "two different ports");
        if (o.CoordinatorAddress.Length > 0 && !IsHttpsOrigin(o.CoordinatorAddress))
            yield return Problem(nameof(o.CoordinatorAddress), o.CoordinatorAddress, "is not an address workers can dial", "https://host:port without a path");
        if (o.GatewayUrl.Length > 0 && !(Uri.TryCreate(o.GatewayUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            yield return Problem(nameof(o.GatewayUrl), o.GatewayUrl, "is not an address of a web server", "https://host without a path, or nothing");
    }

    private static bool IsPlainFolder(string path) =>
        path.Length > 1 && path[0] == '/' && !path.Split('/').Contains("..") && !path.Contains("//", StringComparison.Ordinal);

    private static bool IsHttpsOrigin(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0;

    private static string Problem(string setting, object value, string what, string fix) =>
        $"{OperatorOptions.Section}:{setting} (environment variable {OperatorOptions.Section}__{setting.Replace(":", "__", StringComparison.Ordinal)}) is '{value}', which {what}; give {fix}";

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex Label();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    private static partial Regex Subdomain();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex ResourceName();
}
