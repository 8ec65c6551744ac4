using AiDc.ControllerRuntime;

namespace AiDc.Gateway.Routing;

/// <summary>
/// Reads from a request which service it is for: the header or gRPC metadata <c>aidc-service: namespace/name</c>, the host
/// <c>name.namespace.suffix</c>, or the path <c>/v1/namespaces/namespace/services/name/…</c>, in this order.
/// </summary>
/// <param name="domainSuffix">What hosts end with, without a leading dot; empty: hosts say nothing.</param>
internal sealed class TargetParser(string domainSuffix)
{
    private const string Namespaces = "/v1/namespaces/";
    private const string Services = "/services/";
    private readonly string suffix = domainSuffix.Length == 0 ? "" : "." + domainSuffix;

    /// <returns>Null where the request names no service.</returns>
    public RequestTarget? Parse(string? header, HostString host, PathString path)
    {
        if (!string.IsNullOrEmpty(header)) return ByHeader(header, path);
        return ByHost(host.Host, path) ?? ByPath(path);
    }

    private static RequestTarget? ByHeader(string header, PathString path)
    {
        var slash = header.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? null : Target(header.AsSpan(0, slash), header.AsSpan(slash + 1), path);
    }

    private RequestTarget? ByHost(string host, PathString path)
    {
        if (suffix.Length == 0 || !host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) return null;
        var labels = host.ToLowerInvariant().AsSpan(0, host.Length - suffix.Length);
        var dot = labels.LastIndexOf('.');
        return dot < 0 ? null : Target(labels[(dot + 1)..], labels[..dot], path);
    }

    private static RequestTarget? ByPath(PathString path)
    {
        var text = path.Value;
        if (text is null || !text.StartsWith(Namespaces, StringComparison.Ordinal)) return null;
        var rest = text.AsSpan(Namespaces.Length);
        var end = rest.IndexOf('/');
        if (end < 0 || !rest[end..].StartsWith(Services, StringComparison.Ordinal)) return null;
        var ns = rest[..end];
        rest = rest[(end + Services.Length)..];
        end = rest.IndexOf('/');
        return end < 0 ? Target(ns, rest, new PathString("/")) : Target(ns, rest[..end], new PathString(rest[end..].ToString()));
    }

    private static RequestTarget? Target(ReadOnlySpan<char> ns, ReadOnlySpan<char> name, PathString path) =>
        IsName(ns, 63) && !ns.Contains('.') && IsName(name, 253) ? new(new(ns.ToString(), name.ToString()), path) : null;

    /// <summary>What is no name of Kubernetes is looked up nowhere.</summary>
    private static bool IsName(ReadOnlySpan<char> text, int longest)
    {
        if (text.Length == 0 || text.Length > longest || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.')) return false;
        return true;
    }
}

/// <summary>The service that a request is for, and the path that its replica sees.</summary>
internal readonly record struct RequestTarget(NamespacedName Service, PathString Path);
