using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace AiDc.Trainer.Storage;

/// <summary>A place in S3-compatible storage: <c>s3://bucket/prefix</c>.</summary>
/// <param name="Prefix">Without a slash at its ends; empty for the whole bucket.</param>
public sealed partial record S3Uri(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    public static bool Is(string? place) => place?.StartsWith(Scheme, StringComparison.Ordinal) == true;

    /// <summary>What is wrong with a place that should be in S3, with its fix; null when nothing is, or when it is elsewhere.</summary>
    public static string? Problem(string? place) => Is(place) && !TryParse(place, out _, out var problem) ? problem : null;

    /// <exception cref="ConfigurationException">It is no such URI.</exception>
    public static S3Uri Parse(string place) => TryParse(place, out var uri, out var problem)
        ? uri
        : throw new ConfigurationException($"{place}: {problem}");

    /// <summary>The key of something below; of the prefix itself for an empty name.</summary>
    public string Key(string name) => Prefix.Length == 0 || name.Length == 0 ? Prefix + name : $"{Prefix}/{name}";

    /// <summary>What the keys of everything below begin with.</summary>
    public string KeysBelow(string folder = "") => Key(folder) is { Length: > 0 } key ? key + "/" : "";

    public override string ToString() => Prefix.Length == 0 ? Scheme + Bucket : $"{Scheme}{Bucket}/{Prefix}";

    private static bool TryParse(string? place, [NotNullWhen(true)] out S3Uri? uri, [NotNullWhen(false)] out string? problem)
    {
        uri = null;
        problem = null;
        if (!Is(place))
        {
            problem = "is not in S3; write s3://<bucket>/<prefix>";
            return false;
        }

        var rest = place![Scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        var segments = slash < 0 ? [] : rest[slash..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (bucket.Length == 0) problem = "names no bucket; write s3://<bucket>/<prefix>";
        else if (!BucketName().IsMatch(bucket)) problem = $"'{bucket}' cannot be a bucket: 3 to 63 lower-case letters, digits, dots and hyphens; write s3://<bucket>/<prefix>";
        else if (Array.Exists(segments, s => s is "." or "..")) problem = "has a segment '.' or '..'; write the prefix without them";
        else if (rest.Any(char.IsControl)) problem = "has a control character; remove it";
        else uri = new(bucket, string.Join('/', segments));
        return uri is not null;
    }

    [GeneratedRegex(@"\A[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();
}
