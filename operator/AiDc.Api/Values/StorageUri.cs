using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace AiDc.Api.Values;

/// <summary>The kinds of storage that a job can read from and write to.</summary>
public enum StorageScheme
{
    /// <summary>A PersistentVolumeClaim in the job's namespace: <c>pvc://claim/path</c>.</summary>
    Pvc,

    /// <summary>A folder of the node, if the operator's allow-list has it: <c>hostpath:///dir</c>.</summary>
    HostPath,

    /// <summary>A bucket of an S3-compatible server: <c>s3://bucket/prefix</c>.</summary>
    S3,
}

/// <summary>Where data or checkpoints are.</summary>
/// <param name="Scheme">The kind of storage.</param>
/// <param name="Store">The name of the claim for <see cref="StorageScheme.Pvc"/>, of the bucket for <see cref="StorageScheme.S3"/>, else empty.</param>
/// <param name="Path">
/// For a claim or a bucket the path in it without a leading slash (empty = its root); for a host path the absolute folder.
/// No empty, <c>.</c> or <c>..</c> segment, no trailing slash.
/// </param>
public sealed partial record StorageUri(StorageScheme Scheme, string Store, string Path)
{
    /// <summary>The grammar, as in the schema. What else is asked of a URI is in <see cref="TryParse"/>.</summary>
    public const string Pattern = "^(pvc://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/.*)?|hostpath:///.+|s3://[a-z0-9][-a-z0-9.]{1,61}[a-z0-9](/.*)?)$";

    private const string PvcPrefix = "pvc://";
    private const string HostPathPrefix = "hostpath://";
    private const string S3Prefix = "s3://";

    /// <summary>Reads a URI; when it is none, <paramref name="problem"/> says why and <paramref name="fix"/> what to write instead.</summary>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out StorageUri? uri,
        [NotNullWhen(false)] out string? problem,
        [NotNullWhen(false)] out string? fix)
    {
        uri = null;
        fix = "write pvc://<claim>/<path>, s3://<bucket>/<prefix> or hostpath:///<folder>";
        problem = null;
        if (string.IsNullOrEmpty(text))
            problem = "is empty";
        else if (text.StartsWith(PvcPrefix, StringComparison.Ordinal))
            uri = ParseClaim(text[PvcPrefix.Length..], ref problem, ref fix);
        else if (text.StartsWith(HostPathPrefix, StringComparison.Ordinal))
            uri = ParseHostPath(text[HostPathPrefix.Length..], ref problem, ref fix);
        else if (text.StartsWith(S3Prefix, StringComparison.Ordinal))
            uri = ParseBucket(text[S3Prefix.Length..], ref problem, ref fix);
        else
            problem = text.Contains("://", StringComparison.Ordinal)
                ? $"has the scheme '{text[..text.IndexOf("://", StringComparison.Ordinal)]}', which is not supported"
                : $"'{text}' has no scheme";

        if (uri is null)
        {
            problem ??= $"'{text}' is not a storage URI";
            return false;
        }

        problem = fix = null;
        return true;
    }

    /// <summary>Reads a URI that validation has let through.</summary>
    /// <exception cref="FormatException">The text is no storage URI.</exception>
    public static StorageUri Parse(string text) => TryParse(text, out var uri, out var problem, out var fix)
        ? uri
        : throw new FormatException($"'{text}': {problem}; {fix}");

    /// <summary>The same storage with a folder or file below this one.</summary>
    public StorageUri Append(string name) => this with { Path = Path.Length == 0 ? name : $"{Path.TrimEnd('/')}/{name}" };

    /// <summary>Whether this host path is one of the folders or below one. Folders are absolute paths; <c>/</c> allows all.</summary>
    public bool IsBelowAny(IEnumerable<string> folders) => AllowedFolder(folders) is not null;

    /// <summary>The deepest of the folders that this host path is or is below, without a slash at its end; null: none.</summary>
    public string? AllowedFolder(IEnumerable<string> folders) => folders.Select(folder => folder.TrimEnd('/'))
        .Where(folder => Path.Equals(folder, StringComparison.Ordinal) || Path.StartsWith(folder + "/", StringComparison.Ordinal))
        .MaxBy(folder => folder.Length);

    public override string ToString() => Scheme switch
    {
        StorageScheme.HostPath => $"{HostPathPrefix}{Path}",
        _ when Path.Length == 0 => $"{Prefix}{Store}",
        _ => $"{Prefix}{Store}/{Path}",
    };

    private string Prefix => Scheme == StorageScheme.S3 ? S3Prefix : PvcPrefix;

    private static StorageUri? ParseClaim(string rest, ref string? problem, ref string fix)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var claim = slash < 0 ? rest : rest[..slash];
        if (claim.Length > 253 || !ClaimName().IsMatch(claim))
        {
            problem = claim.Length == 0 ? "names no claim" : $"'{claim}' cannot be the name of a PersistentVolumeClaim";
            fix = "write pvc://<claim>/<path> with the name of a PersistentVolumeClaim of the job's namespace";
            return null;
        }

        return TrySplit(slash < 0 ? "" : rest[slash..], out var segments, ref problem, ref fix)
            ? new StorageUri(StorageScheme.Pvc, claim, string.Join('/', segments))
            : null;
    }

    private static StorageUri? ParseBucket(string rest, ref string? problem, ref string fix)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        if (!BucketName().IsMatch(bucket))
        {
            problem = bucket.Length == 0 ? "names no bucket" : $"'{bucket}' cannot be the name of a bucket";
            fix = "write s3://<bucket>/<prefix> with the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens";
            return null;
        }

        return TrySplit(slash < 0 ? "" : rest[slash..], out var segments, ref problem, ref fix)
            ? new StorageUri(StorageScheme.S3, bucket, string.Join('/', segments))
            : null;
    }

    private static StorageUri? ParseHostPath(string rest, ref string? problem, ref string fix)
    {
        if (!rest.StartsWith('/'))
        {
            problem = "is not an absolute path";
            fix = "write hostpath:/// with three slashes and the folder";
            return null;
        }

        if (!TrySplit(rest, out var segments, ref problem, ref fix))
            return null;
        if (segments.Length > 0)
            return new StorageUri(StorageScheme.HostPath, "", "/" + string.Join('/', segments));
        problem = "is the root of the node's file system";
        fix = "name a folder below it";
        return null;
    }

    private static bool TrySplit(string path, out string[] segments, ref string? problem, ref string fix)
    {
        segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (Array.Exists(segments, segment => segment is "." or ".."))
        {
            problem = "has a segment '.' or '..'";
            fix = "write the path without '.' and '..'";
            return false;
        }

        if (path.Any(char.IsControl))
        {
            problem = "has a control character";
            fix = "remove it";
            return false;
        }

        return true;
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex ClaimName();

    [GeneratedRegex(@"\A[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();
}
