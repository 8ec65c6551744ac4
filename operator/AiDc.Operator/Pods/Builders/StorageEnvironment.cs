using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>
/// The credentials for S3 as references to the keys of the job's Secret: kubelet puts the values in, the operator never sees them and
/// needs no right to read Secrets.
/// </summary>
public static class StorageEnvironment
{
    private static readonly string[] Needed = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    private static readonly string[] Optional = ["AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_S3_ADDRESSING_STYLE"];

    /// <summary>None without a Secret: then the pod's own identity counts, or what its template sets.</summary>
    public static IReadOnlyList<V1EnvVar> Of(TrainingJobSpec spec) => Of((spec.Checkpoint?.SecretRef ?? spec.Trainer?.Data.SecretRef)?.Name);

    /// <param name="secret">Its name; null for none.</param>
    public static IReadOnlyList<V1EnvVar> Of(string? secret) =>
        secret is null ? [] : [.. Needed.Select(key => Reference(secret, key, null)), .. Optional.Select(key => Reference(secret, key, true))];

    /// <summary>Where a worker finds a folder: at its URI in S3, else where it is mounted.</summary>
    public static string Place(string uri, string mountPath) =>
        StorageUri.Parse(uri) is { Scheme: StorageScheme.S3 } s3 ? s3.ToString() : mountPath;

    private static V1EnvVar Reference(string secret, string key, bool? optional) =>
        new() { Name = key, ValueFrom = new() { SecretKeyRef = new() { Name = secret, Key = key, Optional = optional } } };
}
