using System.Text.RegularExpressions;
using AiDc.Gateway.Configuration;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Hosting;

/// <summary>Refuses settings that cannot work, each with its name, its environment variable and the fix.</summary>
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var problems = Problems(options).Concat(PortProblems(options)).Concat(FileProblems(options)).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(GatewayOptions o)
    {
        if (o.WatchNamespace.Length > 0 && !Label().IsMatch(o.WatchNamespace))
            yield return Problem(nameof(o.WatchNamespace), o.WatchNamespace, "is not a namespace's name", "one namespace, or nothing for all");
        if (o.DomainSuffix.Length > 0 && !Subdomain().IsMatch(o.DomainSuffix))
            yield return Problem(nameof(o.DomainSuffix), o.DomainSuffix, "is not a domain", "one such as models.example.org, without a dot in front");
        for (var i = 0; i < o.ApiKeySecrets.Count; i++)
            if (!Subdomain().IsMatch(o.ApiKeySecrets[i]))
                yield return Problem($"{nameof(o.ApiKeySecrets)}:{i}", o.ApiKeySecrets[i], "is not a Secret's name", "lower-case letters, digits, '-' and '.'");
        if (o.HoldSeconds is < 1 or > 3600)
            yield return Problem(nameof(o.HoldSeconds), o.HoldSeconds, "is out of range", "1 to 3600");
        if (o.MaxWaiting is < 1 or > 1_000_000)
            yield return Problem(nameof(o.MaxWaiting), o.MaxWaiting, "is out of range", "1 to 1000000");
        if (o.BodyMemoryMiB is < 1 or > 65536)
            yield return Problem(nameof(o.BodyMemoryMiB), o.BodyMemoryMiB, "is out of range", "1 to 65536");
        if (o.DrainSeconds is < 0 or > 600)
            yield return Problem(nameof(o.DrainSeconds), o.DrainSeconds, "is out of range", "0 to 600");
        if (o.ShutdownSeconds is < 1 or > 3600)
            yield return Problem(nameof(o.ShutdownSeconds), o.ShutdownSeconds, "is out of range", "1 to 3600");
        if (o.AccessLogSampleRate is not (>= 0 and <= 1))
            yield return Problem(nameof(o.AccessLogSampleRate), o.AccessLogSampleRate, "is not a share", "0 for no line, 1 for a line of each request, or between");
    }

    private static IEnumerable<string> PortProblems(GatewayOptions o)
    {
        var ports = new List<(string Name, int Port)>
        {
            (nameof(o.HttpPort), o.HttpPort), (nameof(o.GrpcPort), o.GrpcPort), (nameof(o.AdminPort), o.AdminPort),
        };
        if (o.TlsFolder.Length > 0) ports.Add((nameof(o.HttpsPort), o.HttpsPort));
        foreach (var (name, port) in ports)
        {
            if (port is < 0 or > 65535)
                yield return Problem(name, port, "is not a port", "0 to 65535");
            else if (port > 0 && ports.First(p => p.Port == port).Name is var first && first != name)
                yield return Problem(name, port, $"is {first} as well", "a port of its own");
        }
    }

    private static IEnumerable<string> FileProblems(GatewayOptions o)
    {
        if (o.TlsFolder.Length > 0 && TlsCertificate.Problem(o.TlsFolder) is { } problem)
            yield return Problem(nameof(o.TlsFolder), o.TlsFolder, problem, "a folder with tls.crt and tls.key in PEM, such as a mounted Secret of type kubernetes.io/tls");
        if (o.OperatorAddress.Length > 0 && !IsHttpsOrigin(o.OperatorAddress))
            yield return Problem(nameof(o.OperatorAddress), o.OperatorAddress, "is not the operator's address", "https://host:port without a path");
    }

    private static bool IsHttpsOrigin(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0;

    private static string Problem(string setting, object value, string what, string fix) =>
        $"{GatewayOptions.Section}:{setting} (environment variable {GatewayOptions.Section}__{setting.Replace(":", "__", StringComparison.Ordinal)}) is '{value}', which {what}; give {fix}";

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex Label();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]
    private static partial Regex Subdomain();
}
