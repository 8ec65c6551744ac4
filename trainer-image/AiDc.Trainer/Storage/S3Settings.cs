namespace AiDc.Trainer.Storage;

/// <summary>Which S3 server, and who we are to it. Its text has no secret.</summary>
/// <param name="Endpoint">Null: that of Amazon for the region.</param>
/// <param name="PathStyle">The bucket is in the path, not in the host name.</param>
/// <param name="Credentials">Null: those of the process's surroundings (a web identity, a container's or a machine's role).</param>
public sealed record S3Settings(Uri? Endpoint, string Region, bool PathStyle, S3Credentials? Credentials)
{
    private const string KeyId = "AWS_ACCESS_KEY_ID";
    private const string Secret = "AWS_SECRET_ACCESS_KEY";
    private const string Addressing = "AWS_S3_ADDRESSING_STYLE";

    /// <param name="environment">Value of an environment variable; null when it is not set or empty.</param>
    /// <exception cref="ConfigurationException">A variable is missing or wrong; the message names it.</exception>
    public static S3Settings FromEnvironment(Func<string, string?> environment)
    {
        var endpoint = (environment("AWS_ENDPOINT_URL_S3") ?? environment("AWS_ENDPOINT_URL")) is { } text ? ParseEndpoint(text) : null;
        var pathStyle = environment(Addressing) switch
        {
            // Servers of one's own seldom have a host name for each bucket.
            null => endpoint is not null,
            "path" => true,
            "virtual" => false,
            var other => throw new ConfigurationException($"{Addressing}={other}: use path (the bucket is in the path) or virtual (it is in the host name)"),
        };
        return new(endpoint, environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION") ?? "us-east-1", pathStyle, ReadCredentials(environment));
    }

    private static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? uri
            : throw new ConfigurationException("AWS_ENDPOINT_URL: this is no address of a server; write https://<host>[:<port>], without user and password");

    private static S3Credentials? ReadCredentials(Func<string, string?> environment) => (environment(KeyId), environment(Secret)) switch
    {
        (null, null) => null,
        ({ } id, { } secret) => new(id, secret, environment("AWS_SESSION_TOKEN")),
        (null, _) => throw new ConfigurationException($"{KeyId} is missing: {Secret} is set, and they are needed together"),
        _ => throw new ConfigurationException($"{Secret} is missing: {KeyId} is set, and they are needed together"),
    };
}

/// <summary>What this process has found out about its access to a bucket.</summary>
internal sealed class S3Access
{
    private volatile bool _proven;

    /// <summary>Files were written there.</summary>
    public bool IsProven
    {
        get => _proven;
        set => _proven = value;
    }
}

/// <summary>Keys to an S3 server; their text is hidden.</summary>
/// <param name="SessionToken">Null for keys that stay valid.</param>
public sealed record S3Credentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    public override string ToString() => nameof(S3Credentials);
}
